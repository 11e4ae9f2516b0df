import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hasEnded, isRunning, parseProcessStat, readProcessStat } from '../../../src/linux/process-stat.ts'

/** A line as the kernel writes it (proc_pid_stat(5)); `name` in bytes. */
function line(name: string, { state = 'S', flags = 4194560, threads = 3, startTime = '8315' } = {}): string {
  return (
    `4711 (${name}) ${state} 42 4700 4699 34816 4711 ${flags} 1 2 3 4 5 6 7 8 20 0 ${threads} 0 ${startTime} ` +
    '10000 200 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n'
  )
}

describe('/proc/PID/stat', () => {
  it('is read field by field', () => {
    assert.deepEqual(parseProcessStat(line('bash')), {
      identity: { pid: 4711, startTime: 8315n },
      name: 'bash',
      state: 'S',
      parent: 42,
      processGroup: 4700,
      session: 4699,
      terminal: 34816,
      threads: 3,
      kernelThread: false,
      onlyForked: false,
    })
  })

  for (const name of ['a b', '(sd-pam)', 'x) S 1 2 3 4', ') R 9 (', 'two\nlines', '', '))))(((']) {
    it(`bears the name ${JSON.stringify(name)}`, () => {
      const stat = parseProcessStat(line(name))
      assert.deepEqual([stat?.name, stat?.parent, stat?.identity.startTime], [name, 42, 8315n])
    })
  }

  it('reads a name in UTF-8 from its bytes', () => {
    assert.equal(parseProcessStat(line(Buffer.from('Käse').toString('latin1')))?.name, 'Käse')
  })

  it('reads a start time exactly', () => {
    const startTime = '18446744073709551615'
    assert.equal(parseProcessStat(line('x', { startTime }))?.identity.startTime, 18446744073709551615n)
  })

  it('tells kernel threads', () => {
    assert.equal(parseProcessStat(line('kthreadd', { flags: 0x208040 }))?.kernelThread, true)
  })

  it('tells what has ended: a zombie, but not one whose other threads go on', () => {
    const ended = (state: string, threads: number) => {
      const stat = parseProcessStat(line('x', { state, threads }))
      assert.ok(stat)
      return hasEnded(stat)
    }
    assert.deepEqual(
      [ended('Z', 1), ended('X', 0), ended('Z', 2), ended('S', 1), ended('T', 1)],
      [true, true, false, false, false],
    )
  })

  for (const text of ['', '4711', '4711 (x', ') 4711 (', '4711 (x) S 1 2 3']) {
    it(`is no such line: ${JSON.stringify(text)}`, () => assert.equal(parseProcessStat(text), null))
  }

  it('is there for a process that runs, and only for that very one', () => {
    const own = readProcessStat(process.pid)
    assert.ok(own)
    assert.equal(own.parent, process.ppid)
    assert.equal(isRunning(own.identity), true)
    assert.equal(isRunning({ ...own.identity, startTime: own.identity.startTime + 1n }), false)
    assert.equal(readProcessStat(2 ** 22 + 1), null)
  })
})
