import assert from 'node:assert/strict'
import { readFileSync, rmSync } from 'node:fs'
import { before, describe, it } from 'node:test'
import { outsideMachine } from './machine-only.ts'
import { modes, runAndCompare } from './modes.ts'
import { install, output } from './units.ts'

const starts = '/run/rm-chain-starts'
const endless = `[Service]\nExecStartPre=/bin/sh -c 'echo %n >>${starts}'\nExecStart=/bin/sleep infinity\n`

const units = {
  'rm-chain-first.service': endless,
  'rm-chain-second.service': `[Unit]\nRequires=rm-chain-first.service\nAfter=rm-chain-first.service\n${endless}`,
  'rm-chain-third.service': `[Unit]\nBindsTo=rm-chain-second.service\nAfter=rm-chain-second.service\n${endless}`,
  'rm-chain-fourth.service': `[Unit]\nPartOf=rm-chain-third.service\nAfter=rm-chain-third.service\n${endless}`,
  // Up, and of no concern; down, and to stay so.
  'rm-chain-beside.service': `[Unit]\nWants=rm-chain-first.service\nAfter=rm-chain-first.service\n${endless}`,
  'rm-chain-down.service': `[Unit]\nRequires=rm-chain-second.service\nAfter=rm-chain-second.service\n${endless}`,
}
const chain = ['rm-chain-first', 'rm-chain-second', 'rm-chain-third', 'rm-chain-fourth']

describe('a chain of dependent services, and the whole machine around it', { skip: outsideMachine }, () => {
  before(async () => {
    await install(units)
    await output('systemctl', 'start', ...chain, 'rm-chain-beside')
  })

  for (const mode of modes) {
    it(`is as before, each one once: ${mode.name}`, async () => {
      const again = chain.map((name) => `${name}.service`)
      rmSync(starts)
      await runAndCompare(mode, { resources: ['--service', 'rm-chain-first'], again })
      assert.deepEqual(readFileSync(starts, 'utf8').trim().split('\n'), again)
    })
  }

  it('is restarted from the link that is named on', async () => {
    for (const mode of modes) {
      const again = ['rm-chain-third.service', 'rm-chain-fourth.service']
      await runAndCompare(mode, { resources: ['--service', 'rm-chain-third'], again })
    }
  })
})
