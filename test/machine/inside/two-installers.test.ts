import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { before, describe, it } from 'node:test'
import { createInterface } from 'node:readline'
import { startSession } from '../../../src/index.ts'
import { execute, makeUser, program, restartctl } from './commands.ts'
import { outsideMachine } from './machine-only.ts'
import { nginxProgram, startNginx, type Nginx } from './nginx.ts'
import { pingRedis, redisProgram, startRedis } from './redis.ts'
import { property } from './units.ts'

const stranger = 4712

describe('two installers in one session', { skip: outsideMachine }, () => {
  let nginx: Nginx

  before(async () => {
    nginx = await startNginx()
    await startRedis()
    await makeUser('rm-stranger', stranger)
  })

  it('stop and start what either of them has registered', async () => {
    await using session = await startSession()
    await session.register({ files: [nginxProgram] })
    const [command = '', ...args] = program('secondary', redisProgram)
    const secondary = spawn(command, args, {
      env: { ...process.env, RESTART_MANAGER_SESSION: session.key },
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const said = createInterface({ input: secondary.stdout })[Symbol.asyncIterator]()
    const next = async () => JSON.parse((await said.next()).value as string) as object
    try {
      await session.waitForParticipants({ atLeast: 1, timeoutMs: 15_000 })
      assert.deepEqual(await next(), { refused: 'NOT_PRIMARY' })
      assert.deepEqual(await next(), { registered: true })
      const [, participant] = await session.participants()
      assert.deepEqual(
        [participant?.role, participant?.state, participant?.process.pid],
        ['secondary', 'finished', secondary.pid],
      )
      const services = (await session.list()).applications.map(({ service }) => service)
      assert.deepEqual(services.sort(), ['nginx.service', 'redis-server.service'])

      const { applications } = await session.shutdown()
      assert.deepEqual(
        applications.map(({ outcome }) => outcome),
        ['stopped', 'stopped'],
      )
      for (const name of services) assert.equal(await property(name ?? '', 'ActiveState'), 'inactive')

      await assert.rejects(
        session.waitForParticipants({ timeoutMs: 100 }),
        { code: 'CANCELLED' },
        'it changes its files',
      )
      secondary.stdin.write('change\n')
      await session.waitForParticipants({ timeoutMs: 15_000 })
      assert.deepEqual(await next(), { changed: true })

      const restarted = await session.restart()
      assert.deepEqual(
        restarted.applications.map(({ outcome }) => outcome),
        ['restarted', 'restarted'],
      )
      assert.equal(await nginx.answer(), 'old')
      assert.equal(await pingRedis(), '+PONG')
    } finally {
      secondary.kill()
    }
  })

  it('are joined by `restartctl session register` in one line', async () => {
    await using session = await startSession()
    await session.register({ files: [nginxProgram] })
    const { status, stderr } = await restartctl(['session', 'register', redisProgram, '--service', 'redis'], {
      environment: { RESTART_MANAGER_SESSION: session.key },
    })
    assert.deepEqual([status, stderr], [0, ''])
    await session.waitForParticipants({ atLeast: 1, timeoutMs: 15_000 })
    assert.deepEqual((await session.participants()).map(({ state }) => state).sort(), ['left', 'registering'])
    assert.equal((await session.list()).applications.length, 2)
  })

  describe('are not joined by a user who is not root', () => {
    for (const environment of [{}, { RESTART_MANAGER_RUNTIME_DIR: '/run/restart-manager' }]) {
      const where = Object.keys(environment).length === 0 ? '' : ', with the directory of root named'

      it(`through the library${where}`, async () => {
        await using session = await startSession()
        const { status, stderr } = await execute(program('secondary', nginxProgram), {
          uid: stranger,
          environment: { ...environment, RESTART_MANAGER_SESSION: session.key },
        })
        assert.notEqual(status, 0)
        assert.match(stderr, /code: 'SESSION_KEY_INVALID'/)
        assert.equal((await session.participants()).length, 1)
      })

      it(`through the command${where}`, async () => {
        await using session = await startSession()
        const register = ['session', 'register', nginxProgram, '--session', session.key]
        const { status, stdout, stderr } = await restartctl(register, { uid: stranger, environment })
        assert.deepEqual([status, stdout], [6, ''], stderr)
        assert.match(stderr, /key/)
        assert.equal((await session.participants()).length, 1)
        const cancel = await restartctl(['session', 'end', '--session', session.key], { uid: stranger, environment })
        assert.equal(cancel.status, 6, cancel.stderr)
        assert.deepEqual((await session.list()).applications, [])
      })
    }
  })

  it('are not shown to a user who is not root', async () => {
    await using session = await startSession()
    const { status, stdout } = await restartctl(['sessions', '--json'], { uid: stranger })
    assert.deepEqual([status, JSON.parse(stdout)], [0, []])
    const own = await restartctl(['sessions', '--json'])
    assert.ok(!own.stdout.includes(session.key))
  })
})
