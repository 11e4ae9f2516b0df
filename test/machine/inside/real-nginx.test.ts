import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { outsideMachine } from './machine-only.ts'
import { modes, runAndCompare } from './modes.ts'
import { nginxConfiguration, startNginx, type Nginx } from './nginx.ts'

describe('nginx, and the whole machine around it', { skip: outsideMachine }, () => {
  let nginx: Nginx
  before(async () => {
    nginx = await startNginx()
  })

  for (const mode of modes) {
    it(`is as before, with what has changed: ${mode.name}`, async () => {
      nginx.configure('old')
      await runAndCompare(mode, {
        resources: ['--service', 'nginx'],
        again: ['nginx.service'],
        script: `sed -i s/old/newer/ ${nginxConfiguration}`,
      })
      assert.equal(await nginx.answer(), 'newer')
    })
  }
})
