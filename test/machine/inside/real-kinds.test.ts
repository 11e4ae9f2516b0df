import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { before, describe, it } from 'node:test'
import { restartctl } from './commands.ts'
import { outsideMachine } from './machine-only.ts'
import { modes, runAndCompare } from './modes.ts'
import { differences, machineState } from './state.ts'
import { install, output, property, shellService } from './units.ts'

const endless = '[Service]\nExecStart=/bin/sleep infinity\n'
const configuration = '/run/rm-breaks.conf'

const units = {
  'rm-done.service': '[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n',
  'rm-instance@.service': endless,
  'rm-refuses.service': `[Unit]\nRefuseManualStop=yes\n${endless}`,
  'rm-breaks.service': shellService(
    `. ${configuration}; exec sleep infinity`,
    `ExecStartPre=/bin/sh -c 'grep -q good ${configuration} || { echo The port is not a number: eighty >&2; exit 78; }'`,
  ),
  'rm-beside.service': endless,
}

describe('services of every kind, and the whole machine around them', { skip: outsideMachine }, () => {
  before(async () => {
    writeFileSync(configuration, '# good\n')
    await install(units)
    const instances = ['rm-instance@one', 'rm-instance@two']
    await output('systemctl', 'start', 'rm-done', ...instances, 'rm-refuses', 'rm-breaks', 'rm-beside')
  })

  for (const mode of modes) {
    it(`a oneshot that remains is as before: ${mode.name}`, async () => {
      await runAndCompare(mode, { resources: ['--service', 'rm-done'], again: ['rm-done.service'] })
    })

    it(`one instance of a template is as before, and the other is not touched: ${mode.name}`, async () => {
      await runAndCompare(mode, { resources: ['--service', 'rm-instance@one'], again: ['rm-instance@one.service'] })
    })

    it(`one that does not start again is told with its journal, and the others are as before: ${mode.name}`, async () => {
      const before = await machineState()
      const services = ['--service', 'rm-breaks', '--service', 'rm-beside']
      const { status, stderr } = await restartctl([
        ...['run', ...mode.options, ...services, '--yes'],
        ...['--', 'sh', '-c', `echo bad >${configuration}`],
      ])
      const after = await machineState()
      assert.equal(status, 5, stderr)
      assert.match(stderr, /rm-breaks/)
      assert.match(stderr, /exit-code|exit code|78/)
      assert.match(stderr, /The port is not a number: eighty/)
      assert.match(stderr, /restartctl recover/)
      const changed = differences(before, after, ['rm-beside.service']).map((line) => line.split(': ')[0])
      assert.deepEqual([...new Set(changed)], ['rm-breaks.service'])
      assert.equal(await property('rm-breaks', 'ActiveState'), 'failed')

      writeFileSync(configuration, '# good\n')
      const recovered = await restartctl(['recover'])
      assert.equal(recovered.status, 0, recovered.stderr)
      assert.equal(await property('rm-breaks', 'ActiveState'), 'active')
      assert.deepEqual(differences(before, await machineState(), ['rm-breaks.service', 'rm-beside.service']), [])
    })

    it(`one that refuses to be stopped is left alone: ${mode.name}`, async () => {
      const before = await machineState()
      const services = ['--service', 'rm-refuses', '--service', 'rm-beside']
      const { status, stderr } = await restartctl(['run', ...mode.options, ...services, '--yes', '--', 'echo', 'ran'])
      assert.match(stderr, /rm-refuses/)
      assert.match(stderr, /refuses to be stopped by hand \(RefuseManualStop=yes\)/)
      // In place everything else is restarted all the same; COMMAND has run already.
      const inPlace = mode.meanwhile === 'active'
      assert.equal(status, inPlace ? 0 : 3)
      assert.deepEqual(differences(before, await machineState(), inPlace ? ['rm-beside.service'] : []), [])
    })
  }
})
