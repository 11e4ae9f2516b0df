import assert from 'node:assert/strict'
import { readdirSync, readlinkSync, statSync } from 'node:fs'
import { describe, it } from 'node:test'
import type { FileMapping, MappingReader } from '../../../src/linux/file-mapping.ts'
import { createMappingReader } from '../../../src/linux/mapping-reader.ts'
import { mapsTextReader } from '../../../src/linux/maps-text.ts'
import { procmapQueryReader, procmapQueryWorks } from '../../../src/linux/procmap-query.ts'
import { startFixture } from '../../support/fixture.ts'

const noQuery = !procmapQueryWorks() && 'the kernel does not answer PROCMAP_QUERY, or koffi is missing'

function mappingsOf(reader: MappingReader, pid: number): FileMapping[] {
  return Array.from(reader.read(pid), (mapping) => ({ ...mapping }))
}

function contract(name: string, create: () => MappingReader, skip: string | false): void {
  describe(`mappings by ${name}`, { skip }, () => {
    it('shows the program of a process, by the number that its link gives', () => {
      const { dev, ino } = statSync(process.execPath)
      assert.ok(mappingsOf(create(), process.pid).some((mapping) => mapping.ino === ino && mapping.dev === dev))
    })

    it('gives the addresses under which map_files has the mapping', () => {
      for (const { start, end } of mappingsOf(create(), process.pid)) {
        assert.ok(readlinkSync(`/proc/self/map_files/${start.toString(16)}-${end.toString(16)}`))
      }
    })

    it('shows nothing without an inode, and the segments of a file that follow one another once', () => {
      const mappings = mappingsOf(create(), process.pid)
      mappings.forEach(({ dev, ino }, index) => {
        const before = mappings[index - 1]
        assert.ok(ino > 0)
        assert.ok(!before || before.ino !== ino || before.dev !== dev)
      })
    })

    it('shows only what holds code where that is wanted', async () => {
      await using fixture = await startFixture('maps-a-file', ['/etc/passwd'])
      const code = Array.from(create().read(fixture.pid, 'executable'), ({ ino }) => ino)
      const all = mappingsOf(create(), fixture.pid).map(({ ino }) => ino)
      const data = statSync('/etc/passwd').ino
      assert.ok(code.includes(statSync(process.execPath).ino) && !code.includes(data) && all.includes(data))
    })

    it('says that there is no such process', () => {
      assert.throws(() => mappingsOf(create(), 4_194_305), { code: 'ENOENT' })
    })

    it('says that a process has given up its memory', async () => {
      await using fixture = await startFixture('ends-its-first-thread', ['/etc/passwd'])
      assert.throws(() => mappingsOf(create(), fixture.pid), { code: 'ESRCH' })
    })

    it('gives its descriptor back, also when nobody wants the rest', () => {
      const reader = create()
      const before = readdirSync('/proc/self/fd').length
      const started = reader.read(process.pid)
      started.next()
      started.return()
      mappingsOf(reader, process.pid)
      assert.equal(readdirSync('/proc/self/fd').length, before)
    })
  })
}

contract('PROCMAP_QUERY', procmapQueryReader, noQuery)
contract('text', mapsTextReader, false)

describe('the two ways to read mappings', () => {
  it('agree', { skip: noQuery }, async () => {
    await using fixture = await startFixture('maps-a-file', ['/etc/passwd'])
    for (const kind of ['any', 'executable'] as const) {
      const [query, text] = [procmapQueryReader(), mapsTextReader()].map((reader) =>
        Array.from(reader.read(fixture.pid, kind), (mapping) => ({ ...mapping })),
      )
      assert.deepEqual(query, text)
    }
  })

  it('leave no descriptor behind when it is tried which one works', () => {
    const before = readdirSync('/proc/self/fd').length
    procmapQueryWorks()
    assert.equal(readdirSync('/proc/self/fd').length, before)
  })

  it('are chosen by what the machine has', () => {
    assert.equal(createMappingReader().means, procmapQueryWorks() ? 'PROCMAP_QUERY' : 'text')
  })
})
