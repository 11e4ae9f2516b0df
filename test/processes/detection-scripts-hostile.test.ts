import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, linkSync, lchownSync, mkdirSync, symlinkSync, truncateSync } from 'node:fs'
import { describe, it } from 'node:test'
import { findAll, finderOf, Sources, startScript, without } from '../support/scripts.ts'

const python = 'import sys\nprint("ready", flush=True)\nsys.stdin.read()\n'
const nobody = 65534
const skip = without('python3') || (process.getuid?.() !== 0 && 'two users take root')

/** A program of another user, whose files and links are his too. `prepare` makes what its sources mention. */
async function startHostile(sources: Sources, imports: string[], prepare: () => void) {
  sources.add({ 'app.py': `if False:\n  import ${imports.join(', ')}\n${python}` })
  prepare()
  execFileSync('chown', ['-hR', `${nobody}:${nobody}`, sources.root])
  return startScript(['/usr/bin/env', 'python3', 'app.py'], { cwd: sources.root, user: nobody })
}

describe('programs that another user has prepared', { skip }, () => {
  it('open no FIFO, device or socket, and read no file without end', async () => {
    using sources = new Sources()
    const names = ['fifo', 'zero', 'descriptor', 'directory', 'huge', 'loop', 'up', 'last']
    await using app = await startHostile(sources, names, () => {
      execFileSync('mkfifo', [sources.path('fifo.py')])
      symlinkSync('/dev/zero', sources.path('zero.py'))
      symlinkSync('/proc/self/fd/0', sources.path('descriptor.py'))
      mkdirSync(sources.path('directory.py'))
      sources.add({ 'huge.py': 'import big\n', 'big.py': '', 'last.py': 'import app, last' })
      truncateSync(sources.path('huge.py'), 2 ** 40)
      symlinkSync('loop.py', sources.path('loop.py'))
      symlinkSync('up/up', sources.path('up'))
    })
    const start = performance.now()
    assert.deepEqual(sources.usedBy(app.pid, ['app.py', 'big.py', 'huge.py', 'last.py']), [
      'app.py',
      'huge.py',
      'last.py',
    ])
    assert.ok(performance.now() - start < 2000)
  })

  it('are the whole of a circle of modules', async () => {
    using sources = new Sources()
    await using app = await startHostile(sources, ['a'], () => {
      sources.add({ 'a.py': 'import b\n', 'b.py': 'import c', 'c.py': 'import a, app' })
    })
    assert.deepEqual(sources.usedBy(app.pid, ['a.py', 'b.py', 'c.py']), ['a.py', 'b.py', 'c.py'])
  })

  it('follow no link that a third user has put into a directory for all', async () => {
    using sources = new Sources()
    await using app = await startHostile(sources, ['shared.own', 'shared.root', 'shared.third', 'shared.hard'], () => {
      sources.add({ 'own.py': '', 'root.py': '', 'third.py': '', 'hard.py': '' })
      mkdirSync(sources.path('shared'))
      for (const name of ['own', 'root', 'third']) symlinkSync(`../${name}.py`, sources.path(`shared/${name}.py`))
      linkSync(sources.path('hard.py'), sources.path('shared/hard.py'))
    })
    chownSync(sources.path('shared'), 0, 0)
    chmodSync(sources.path('shared'), 0o1777)
    lchownSync(sources.path('shared/root.py'), 0, 0)
    lchownSync(sources.path('shared/third.py'), 12345, 12345)
    const names = ['own.py', 'root.py', 'third.py', 'hard.py']
    assert.deepEqual(sources.usedBy(app.pid, names), ['hard.py', 'own.py', 'root.py'])
  })

  it('take no more than their share of the time, and say that not all was looked at', async () => {
    using sources = new Sources()
    const many = Array.from({ length: 2500 }, (_, number) => `m${number}`)
    await using app = await startHostile(sources, many, () => {
      sources.add(Object.fromEntries(many.map((name) => [`${name}.py`, ''])))
    })
    const { gap } = findAll(finderOf([sources.path('app.py')]), app.pid)
    assert.match(gap?.message ?? '', /more files than are looked at \(2000\)/)
  })

  it('use up only the share of their own user', async () => {
    using sources = new Sources()
    using own = new Sources().add({ 'app.py': `import part\n${python}`, 'part.py': '' })
    await using app = await startHostile(sources, ['deep'], () => {
      const imports = Array.from({ length: 120_000 }, (_, number) => `import x${number}\n`).join('')
      sources.add({ 'deep.py': imports })
    })
    await using ours = await startScript(['python3', own.path('app.py')])
    const finder = finderOf([sources.path('app.py'), own.path('part.py')])
    const start = performance.now()
    const hostile = findAll(finder, app.pid)
    const took = performance.now() - start
    assert.match(hostile.gap?.message ?? '', /programs of its user/)
    assert.ok(took < 8000, `${took} ms`)
    assert.equal(hostile.files.length, 1)
    assert.deepEqual([findAll(finder, ours.pid).files.length, findAll(finder, ours.pid).gap], [1, null])
  })
})
