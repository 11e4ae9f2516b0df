import assert from 'node:assert/strict'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { startSession } from '../../../src/index.ts'
import { createSystemd, type ServiceManager } from '../../../src/services/index.ts'
import { restartctl } from './commands.ts'
import { outsideMachine } from './machine-only.ts'
import { install, output, property, shellService, untilExists, untilState } from './units.ts'

const folder = '/run/systemd/system'
const said = '/run/rm-changed-said'
const go = '/run/rm-changed-go'
const endless = '[Service]\nExecStart=/bin/sleep infinity\n'
const timer = '[Timer]\nOnCalendar=*-*-* 03:00\n'
/** Endless until there is a file; then it has done its job at once. */
const job = `touch /run/rm-changed-at-work; test -e ${go} || exec sleep infinity`
const speaks = (word: string) => shellService(`echo ${word} >>${said}; exec sleep infinity`)

const units = {
  'rm-gone.service': endless,
  'rm-gone.timer': timer,
  'rm-masked.service': endless,
  'rm-less.service': endless,
  'rm-less.timer': timer,
  'rm-changed.service': speaks('old'),
  'rm-changed-too.service': speaks('old'),
  // What is wanted by something that is up stays loaded while it is down.
  'rm-changed-keeps.service': `[Unit]\nWants=rm-changed.service rm-changed-too.service\n${endless}`,
  'rm-job.service': shellService(job),
  'rm-job.timer': timer,
  'rm-ends.service': shellService(job),
}

describe('services that are changed while they are down', { skip: outsideMachine }, () => {
  let manager: ServiceManager

  before(async () => {
    await install(units)
    manager = createSystemd('system')
  })
  after(async () => {
    await manager.close()
    await output('systemctl', 'stop', 'rm-less', 'rm-changed*', 'rm-job.timer')
    for (const path of [said, go, '/run/rm-changed-at-work']) rmSync(path, { force: true })
  })

  /** Runs COMMAND while a service is down; answers what is said to that, and that no session is left behind. */
  async function run(service: string, script: string): Promise<string> {
    const { status, stderr } = await restartctl(['run', '--service', service, '--yes', '--', 'sh', '-c', script])
    assert.equal(status, 0, stderr)
    const recovered = await restartctl(['recover'])
    assert.equal(recovered.status, 0, recovered.stderr)
    return stderr
  }

  it('are gone, which is no failure', async () => {
    await output('systemctl', 'start', 'rm-gone', 'rm-gone.timer')
    const remove = `rm ${folder}/rm-gone.service ${folder}/rm-gone.timer; systemctl daemon-reload`
    assert.match(await run('rm-gone', remove), /Stays down: rm-gone \(process \d+\): its unit is gone now/)
  })

  it('are gone, and nobody has told the service manager', async () => {
    await install({ 'rm-gone.service': endless })
    await output('systemctl', 'start', 'rm-gone')
    assert.match(await run('rm-gone', `rm ${folder}/rm-gone.service`), /Stays down: rm-gone .*: its unit is gone now/)
    assert.equal(await property('rm-gone', 'ActiveState'), 'inactive')
  })

  it('are masked, which is no failure, with what to type', async () => {
    await output('systemctl', 'start', 'rm-masked')
    const stderr = await run('rm-masked', 'systemctl mask rm-masked')
    assert.match(
      stderr,
      /Stays down: rm-masked .*: its unit is masked now; to allow it again: systemctl unmask rm-masked/,
    )
    await output('systemctl', 'unmask', 'rm-masked')
    assert.equal(await property('rm-masked', 'ActiveState'), 'inactive')
  })

  it('have lost a timer, which is no failure', async () => {
    await output('systemctl', 'start', 'rm-less', 'rm-less.timer')
    const stderr = await run('rm-less', `rm ${folder}/rm-less.timer; systemctl daemon-reload`)
    assert.match(stderr, /Not as before: rm-less.timer: its unit is gone now/)
    assert.equal(await property('rm-less', 'ActiveState'), 'active')
  })

  it('are started as their files say now, also without daemon-reload', async () => {
    const names = ['rm-changed', 'rm-changed-too']
    await output('systemctl', 'start', 'rm-changed-keeps', ...names)
    await using session = await startSession()
    await session.register({ services: names })
    await session.shutdown()
    for (const name of names) writeFileSync(`${folder}/${name}.service`, speaks('new'))
    rmSync(said)
    await session.restart()
    assert.equal(readFileSync(said, 'utf8'), 'new\n'.repeat(2))
  })

  it('are restarted as their files say now', async () => {
    writeFileSync(`${folder}/rm-changed.service`, speaks('newer'))
    rmSync(said)
    assert.equal((await manager.restart('rm-changed', { timeoutMs: 10_000 })).message, null)
    assert.equal(readFileSync(said, 'utf8'), 'newer\n')
  })

  for (const verb of ['stopped and started', 'restarted']) {
    it(`were at the job of a timer, and are done with it when ${verb}`, async () => {
      await caughtAtWork('rm-job')
      await output('systemctl', 'start', 'rm-job.timer')
      await using session = await startSession()
      await session.register({ services: ['rm-job'] })
      if (verb === 'restarted') {
        writeFileSync(go, '')
        assert.equal((await session.restartInPlace()).applications[0]?.error, null)
      } else {
        await session.shutdown()
        writeFileSync(go, '')
        assert.deepEqual(
          (await session.restart()).applications.map(({ outcome, error }) => [outcome, error]),
          [['restarted', null]],
        )
      }
      await untilState('rm-job', 'inactive')
      assert.equal(await property('rm-job.timer', 'ActiveState'), 'active')
    })
  }

  it('have failed where nothing is there to start them again', async () => {
    await caughtAtWork('rm-ends')
    await manager.stop('rm-ends', { timeoutMs: 10_000, force: false, hold: [] })
    writeFileSync(go, '')
    const { result, message } = await manager.start('rm-ends', { timeoutMs: 10_000, giveBack: [] })
    assert.equal(result, 'failed')
    assert.match(message ?? '', /it ended at once; it is now inactive; to try again: systemctl start rm-ends.service$/)
  })
})

async function caughtAtWork(name: string): Promise<void> {
  for (const path of [go, '/run/rm-changed-at-work']) rmSync(path, { force: true })
  await output('systemctl', 'start', name)
  await untilExists('/run/rm-changed-at-work')
  assert.ok(existsSync('/run/rm-changed-at-work'))
}
