import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { createSystemd, type Service, type ServiceManager } from '../../../src/services/index.ts'
import { outsideMachine } from './machine-only.ts'
import { install, output, property, shellService, until, untilState } from './units.ts'

const none = { hold: [], giveBack: [] }
const limits = { timeoutMs: 20_000, force: false, ...none }
const endless = 'ExecStart=/bin/sleep infinity'
/** Is up only once it ignores SIGTERM. */
const deaf = 'trap "" TERM; systemd-notify --ready; while :; do sleep 1; done'
const announced = ['Type=notify', 'NotifyAccess=all']

const units = {
  'rm-simple.service': `[Unit]\nDescription=A simple service\n[Service]\n${endless}\n`,
  'rm-children.service': shellService('sleep infinity & systemd-notify --ready; wait', ...announced),
  'rm-refuses-stop.service': `[Unit]\nRefuseManualStop=yes\n[Service]\n${endless}\n`,
  'rm-refuses-start.service': `[Unit]\nRefuseManualStart=yes\n[Service]\n${endless}\n`,
  'rm-ignores-sigterm.service': shellService(deaf, ...announced, 'TimeoutStopSec=120'),
  'rm-slow-stop.service': `[Service]\n${endless}\nExecStop=/bin/sh -c 'until test -e /run/rm-go-on; do sleep 0.05; done'\n`,
  'rm-slow-start.service': shellService('sleep infinity', 'Type=notify', 'TimeoutStartSec=120'),
  'rm-fails.service': shellService('echo the configuration is broken >&2; exit 3', 'Type=notify'),
  'rm-ends-at-once.service': shellService('echo a library is missing >&2; exit 127', 'Type=simple'),
  'rm-no-program.service': '[Service]\nType=exec\nExecStart=/nonexistent/program\n',
  'rm-condition.service': `[Unit]\nConditionPathExists=/nonexistent\n[Service]\n${endless}\n`,
  'rm-needs-failing.service': `[Unit]\nRequires=rm-fails.service\nAfter=rm-fails.service\n[Service]\n${endless}\n`,
  'rm-oneshot.service': '[Service]\nType=oneshot\nExecStart=/bin/true\n',
  'rm-template@.service': `[Unit]\nDescription=Instance %i\n[Service]\n${endless}\n`,
  'rm-chain-1.service': `[Service]\n${endless}\n`,
  'rm-chain-2.service': `[Unit]\nRequires=rm-chain-1.service\nAfter=rm-chain-1.service\n[Service]\n${endless}\n`,
  'rm-chain-3.service': `[Unit]\nBindsTo=rm-chain-2.service\nAfter=rm-chain-2.service\n[Service]\n${endless}\n`,
  'rm-chain-part.service': `[Unit]\nPartOf=rm-chain.target\n[Service]\n${endless}\n`,
  'rm-chain.target': '[Unit]\nPartOf=rm-chain-1.service\n',
  'rm-chain-spared.service': `[Unit]\nPartOf=rm-chain-down.target\n[Service]\n${endless}\n`,
  'rm-chain-down.target': '[Unit]\nPartOf=rm-chain-1.service\n',
  'rm-chain-down.service': `[Unit]\nRequires=rm-chain-1.service\n[Service]\n${endless}\n`,
}

describe('systemd as a service manager', { skip: outsideMachine }, () => {
  let manager: ServiceManager

  before(async () => {
    await install(units, { 'rm-alias.service': 'rm-simple.service' })
    manager = createSystemd('system')
  })
  after(async () => {
    await manager.close()
  })

  async function described(name: string): Promise<Service> {
    const service = await manager.describe(name)
    assert.ok(service)
    return service
  }

  describe('describe', () => {
    it('says what a service is', async () => {
      await output('systemctl', 'start', 'rm-simple')
      const mainPid = Number(await property('rm-simple', 'MainPID'))
      assert.deepEqual(await manager.describe('rm-simple'), {
        name: 'rm-simple.service',
        description: 'A simple service',
        state: 'active',
        mainPid,
        processes: [mainPid],
        notStoppable: null,
        notStartable: null,
        goDownWithIt: [],
        held: [],
      } satisfies Service)
    })

    it('lists all its processes, the main one first', async () => {
      await output('systemctl', 'start', 'rm-children')
      // systemd-notify may not have ended yet.
      await until('two are left', async () => (await described('rm-children')).processes.length === 2)
      const { mainPid, processes } = await described('rm-children')
      assert.equal(processes.length, 2)
      assert.equal(processes[0], mainPid)
    })

    it('says what is not running', async () => {
      const { state, mainPid, processes } = await described('rm-slow-stop')
      assert.deepEqual({ state, mainPid, processes }, { state: 'inactive', mainPid: null, processes: [] })
    })

    it('resolves an alias', async () => {
      assert.equal((await described('rm-alias')).name, 'rm-simple.service')
    })

    it('knows an instance of a template', async () => {
      await output('systemctl', 'start', 'rm-template@one')
      const { name, description, state } = await described('rm-template@one')
      assert.deepEqual(
        { name, description, state },
        { name: 'rm-template@one.service', description: 'Instance one', state: 'active' },
      )
    })

    for (const name of ['rm-unknown', 'rm-template@', 'dbus.socket', 'two words', '', '/usr/sbin/nginx']) {
      it(`answers null for ${JSON.stringify(name)}`, async () => assert.equal(await manager.describe(name), null))
    }

    it('names the services that go down with it, and only those that run', async () => {
      await output('systemctl', 'start', 'rm-chain-3', 'rm-chain.target', 'rm-chain-part', 'rm-chain-spared')
      const { goDownWithIt } = await described('rm-chain-1')
      assert.deepEqual(goDownWithIt, ['rm-chain-2.service', 'rm-chain-3.service', 'rm-chain-part.service'])
      await manager.stop('rm-chain-1', limits)
      for (const name of goDownWithIt) await untilState(name, 'inactive')
      assert.equal(await property('rm-chain-spared', 'ActiveState'), 'active')
    })

    it('says why a service cannot be stopped or started', async () => {
      assert.match((await described('rm-refuses-stop')).notStoppable ?? '', /RefuseManualStop/)
      assert.match((await described('rm-refuses-start')).notStartable ?? '', /RefuseManualStart/)
      assert.match((await described('rm-oneshot')).notStartable ?? '', /oneshot/)
    })

    it('knows that a transient service cannot be started again', async () => {
      await output('systemd-run', '--unit', 'rm-transient', 'sleep', 'infinity')
      const { notStartable, state } = await described('rm-transient')
      assert.equal(state, 'active')
      assert.match(notStartable ?? '', /transient/)
      assert.equal((await manager.stop('rm-transient', limits)).result, 'done')
      assert.equal(await manager.describe('rm-transient'), null)
    })

    it('finds a service whose definition is gone while it runs', async () => {
      await install({ 'rm-removed.service': units['rm-simple.service'] })
      await output('systemctl', 'start', 'rm-removed')
      await output('rm', '/run/systemd/system/rm-removed.service')
      await output('systemctl', 'daemon-reload')
      assert.match((await described('rm-removed')).notStartable ?? '', /not-found/)
      assert.equal((await manager.stop('rm-removed', limits)).result, 'done')
      assert.equal(await manager.describe('rm-removed'), null)
    })
  })

  describe('membershipOf', () => {
    it('finds the service of a real process', async () => {
      const { name, mainPid } = await described('rm-simple')
      const group = /^0::(.*)$/m.exec(readFileSync(`/proc/${String(mainPid)}/cgroup`, 'utf8'))?.[1]
      assert.equal(manager.membershipOf(group ?? '').service, name)
    })
  })

  describe('stop and start', () => {
    const done = { result: 'done', forced: false, message: null, journal: [], left: [] }

    it('stops a service and starts it again', async () => {
      await output('systemctl', 'start', 'rm-simple')
      assert.deepEqual(await manager.stop('rm-simple', limits), done)
      assert.equal(await property('rm-simple', 'ActiveState'), 'inactive')
      assert.deepEqual(await manager.start('rm-simple', limits), done)
      assert.equal(await property('rm-simple', 'ActiveState'), 'active')
    })

    it('is done at once where nothing is to be done', async () => {
      assert.deepEqual(await manager.start('rm-simple', { timeoutMs: 0, ...none }), done)
      assert.deepEqual(await manager.stop('rm-chain-down', { timeoutMs: 0, force: false, ...none }), done)
    })

    it('stops several at the same time', async () => {
      const names = ['a', 'b', 'c', 'd', 'e'].map((instance) => `rm-template@${instance}`)
      const outcomes = async (verb: 'start' | 'stop'): Promise<string[]> =>
        (await Promise.all(names.map((name) => manager[verb](name, limits)))).map(({ result }) => result)
      assert.deepEqual(await outcomes('start'), Array(5).fill('done'))
      assert.deepEqual(await outcomes('stop'), Array(5).fill('done'))
    })

    it('says that there is no such service', async () => {
      assert.match((await manager.stop('rm-unknown', limits)).message ?? '', /no such service/)
      assert.match((await manager.start('dbus.socket', limits)).message ?? '', /no such service/)
    })

    it('says that a unit refuses', async () => {
      await output('systemctl', 'start', 'rm-refuses-stop')
      const stop = await manager.stop('rm-refuses-stop', limits)
      assert.equal(stop.result, 'failed')
      assert.match(stop.message ?? '', /^Cannot stop rm-refuses-stop.service: its unit refuses to be stopped/)
      const start = await manager.start('rm-refuses-start', limits)
      assert.match(start.message ?? '', /Cannot start rm-refuses-start.service: .*refused/)
    })

    it('answers a timeout, and with force kills what did not stop', async () => {
      await output('systemctl', 'start', 'rm-ignores-sigterm')
      const patient = await manager.stop('rm-ignores-sigterm', { timeoutMs: 300, force: false, ...none })
      assert.deepEqual(
        { ...patient, journal: [] },
        {
          result: 'timeout',
          forced: false,
          message:
            'Cannot stop rm-ignores-sigterm.service: it did not stop within 0.3 s; systemd goes on with the stop, and kills it after 120 s (TimeoutStopSec=)',
          journal: [],
          left: [],
        },
      )
      assert.equal(await property('rm-ignores-sigterm', 'ActiveState'), 'deactivating')
      assert.deepEqual(await manager.stop('rm-ignores-sigterm', { timeoutMs: 300, force: true, ...none }), {
        ...done,
        forced: true,
      })
      assert.equal(await property('rm-ignores-sigterm', 'ActiveState'), 'inactive', 'left as stopped, not as failed')
    })

    it('answers a timeout for a service that does not come up', async () => {
      const { result, message } = await manager.start('rm-slow-start', { timeoutMs: 300, ...none })
      assert.deepEqual(
        { result, message },
        {
          result: 'timeout',
          message: 'Cannot start rm-slow-start.service: it did not come up within 0.3 s',
        },
      )
      assert.deepEqual(await manager.stop('rm-slow-start', { ...limits, timeoutMs: 600 }), done)
    })

    const failures: [name: string, message: RegExp, journal: RegExp][] = [
      [
        'rm-fails',
        /its main process ended with exit status 3 \(Result=exit-code\); it is now failed; to try again: systemctl start rm-fails\.service$/,
        /the configuration is broken/,
      ],
      ['rm-ends-at-once', /its main process ended with exit status 127/, /a library is missing/],
      ['rm-no-program', /ended with exit status 203: its program could not be run/, /No such file or directory/],
      [
        'rm-condition',
        /a condition of its unit does not hold/,
        /skipped because of a failed condition|unmet condition/,
      ],
      ['rm-needs-failing', /something it depends on did not start: rm-fails\.service is failed/, /Dependency failed/],
    ]
    for (const [name, message, journal] of failures) {
      it(`says why ${name} did not start, with its journal`, async () => {
        const outcome = await manager.start(name, limits)
        assert.equal(outcome.result, 'failed')
        assert.match(outcome.message ?? '', new RegExp(`^Cannot start ${name}\\.service: `))
        assert.match(outcome.message ?? '', message)
        assert.match(outcome.journal.join('\n'), journal)
        assert.ok(outcome.journal.length <= 10)
      })
    }

    it('runs a oneshot to its end', async () => {
      assert.deepEqual(await manager.start('rm-oneshot', limits), done)
    })

    async function stopping(): Promise<void> {
      await output('rm', '-f', '/run/rm-go-on')
      await output('systemctl', 'start', 'rm-slow-stop')
    }

    it('joins a stop that somebody else has begun', async () => {
      await stopping()
      await output('systemctl', 'stop', '--no-block', 'rm-slow-stop')
      await untilState('rm-slow-stop', 'deactivating')
      const stop = manager.stop('rm-slow-stop', limits)
      await output('touch', '/run/rm-go-on')
      assert.deepEqual(await stop, done)
    })

    it('says that somebody else started it meanwhile', async () => {
      await stopping()
      const stop = manager.stop('rm-slow-stop', limits)
      await untilState('rm-slow-stop', 'deactivating')
      await output('systemctl', 'start', '--no-block', 'rm-slow-stop')
      const { result, message } = await stop
      assert.equal(result, 'failed')
      assert.match(message ?? '', /another job for it took the place of this one/)
      await output('touch', '/run/rm-go-on')
      await untilState('rm-slow-stop', 'active')
    })

    it('ends the wait when it is cancelled', async () => {
      await stopping()
      const controller = new AbortController()
      const stop = manager.stop('rm-slow-stop', { ...limits, signal: controller.signal })
      await untilState('rm-slow-stop', 'deactivating')
      controller.abort()
      await assert.rejects(stop, { code: 'CANCELLED' })
      assert.equal(await property('rm-slow-stop', 'Job'), '')
      await output('touch', '/run/rm-go-on')
      await untilState('rm-slow-stop', 'inactive')
      await assert.rejects(manager.stop('rm-simple', { ...limits, signal: controller.signal }), { code: 'CANCELLED' })
    })

    it('goes on where systemd executes itself anew', async () => {
      await stopping()
      const stop = manager.stop('rm-slow-stop', limits)
      await untilState('rm-slow-stop', 'deactivating')
      await output('systemctl', 'daemon-reexec')
      await output('touch', '/run/rm-go-on')
      assert.deepEqual(await stop, done)
    })
  })

  describe('the connection', () => {
    const onBus = [{ direct: false, socket: '/run/dbus/system_bus_socket' }]

    it('may be the bus', async () => {
      const bus = createSystemd('system', onBus)
      await output('systemctl', 'start', 'rm-simple')
      assert.equal((await bus.stop('rm-simple', limits)).result, 'done')
      assert.equal((await bus.start('rm-simple', limits)).result, 'done')
      await bus.close()
    })

    it('is opened again after close', async () => {
      await manager.close()
      await described('rm-simple')
    })

    it('is made by the bus where the socket of systemd is missing', async () => {
      const second = createSystemd('system', [{ direct: true, socket: '/run/missing' }, ...onBus])
      assert.ok(await second.describe('rm-simple'))
      await second.close()
    })

    it('fails where nobody answers', async () => {
      for (const address of [
        { direct: true, socket: '/run/missing' },
        { direct: false, busAddress: 'nonsense' },
      ]) {
        const nobody = createSystemd('system', [address])
        const failure = { code: 'SERVICE_MANAGER_FAILED', hint: /systemctl status/ }
        await assert.rejects(nobody.describe('rm-simple'), failure)
        await assert.rejects(nobody.stop('rm-simple', limits), failure)
        await nobody.close()
      }
    })

    it('does not keep a program alive', async () => {
      const program = `
        import { createSystemd } from '${import.meta.resolve('../../../src/services/index.ts')}'
        const { state } = await createSystemd('system').describe('rm-simple')
        console.log(state)`
      const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], {
        timeout: 5_000,
      })
      assert.equal(stdout, 'active\n')
    })

    it('is opened again where the bus was restarted', async () => {
      const bus = createSystemd('system', onBus)
      const before = await bus.describe('rm-simple')
      await output('systemctl', 'restart', 'dbus.service')
      await until('the bus answers again', async () => (await bus.describe('rm-simple').catch(() => null)) !== null)
      assert.deepEqual(await bus.describe('rm-simple'), before)
      await bus.close()
    })
  })
})
