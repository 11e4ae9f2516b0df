import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { outsideMachine } from './machine-only.ts'
import { modes, runAndCompare } from './modes.ts'
import { pingRedis, startRedis } from './redis.ts'
import { output } from './units.ts'

describe('redis-server, and the whole machine around it', { skip: outsideMachine }, () => {
  before(startRedis)

  for (const mode of modes) {
    it(`is as before: ${mode.name}`, async () => {
      await runAndCompare(mode, { resources: ['--service', 'redis-server'], again: ['redis-server.service'] })
      assert.equal(await pingRedis(), '+PONG')
    })

    it(`is one application by its alias, too: ${mode.name}`, async () => {
      await output('systemctl', 'enable', 'redis-server')
      await runAndCompare(mode, {
        resources: ['--service', 'redis', '--service', 'redis-server'],
        again: ['redis-server.service'],
      })
      assert.equal(await pingRedis(), '+PONG')
    })
  }
})
