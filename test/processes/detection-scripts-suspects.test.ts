import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, symlinkSync } from 'node:fs'
import { describe, it } from 'node:test'
import { findAll, finderOf, Sources, startScript, without } from '../support/scripts.ts'

const python = 'import sys\nprint("ready", flush=True)\nsys.stdin.read()\n'
const shell = 'echo ready\nread -r line\n:\n'
const asRoot = process.getuid?.() !== 0 && 'mounting takes root'

describe('which script it is', { skip: without('python3') }, () => {
  it('the one that a link leads to, and modules beside that', async () => {
    using sources = new Sources().add({ 'lib/app.py': `import part\n${python}`, 'lib/part.py': '', 'part.py': '' })
    symlinkSync('lib/app.py', sources.path('link'))
    symlinkSync(sources.path('link'), sources.path('app'))
    await using app = await startScript(['python3', sources.path('app')])
    assert.deepEqual(sources.usedBy(app.pid, ['lib/app.py', 'lib/part.py', 'part.py']), ['lib/app.py', 'lib/part.py'])
  })

  it('the one of a "#!" line', async () => {
    using sources = new Sources().add({ app: `#!/usr/bin/env python3\nimport part\n${python}`, 'part.py': '' })
    chmodSync(sources.path('app'), 0o755)
    await using app = await startScript(['./app'], { cwd: sources.root })
    assert.deepEqual(sources.usedBy(app.pid, ['app', 'part.py']), ['app', 'part.py'])
  })

  it('not one that is only an argument, or only has the same name', async () => {
    using sources = new Sources().add({ 'app.py': python, 'other/app.py': '', 'data.py': '' })
    const data = sources.path('data.py')
    await using text = await startScript(['python3', '-c', python, data, sources.path('app.py')])
    await using app = await startScript(['python3', 'app.py', data, 'other/app.py'], { cwd: sources.root })
    const names = ['app.py', 'other/app.py', 'data.py']
    assert.deepEqual(sources.usedBy(text.pid, names), [])
    assert.deepEqual(sources.usedBy(app.pid, names), ['app.py'])
  })
})

describe('a relative script whose process works elsewhere by now', { skip: without('python3') }, () => {
  const moves = `import os, sys\nos.chdir(sys.argv[1])\n${python}`
  // Not what may be found by PATH: a shell that hands over to it sets PWD.
  const interpreter = () => String(execFileSync('python3', ['-c', 'import sys; print(sys.executable, end="")']))
  const start = (sources: Sources, to: string, pwd: string | undefined) =>
    startScript([interpreter(), 'app.py', sources.path(to)], { cwd: sources.path('start'), environment: { PWD: pwd } })

  it('is found by where it was started, as far as that is known', async () => {
    using sources = new Sources().add({ 'start/app.py': moves, 'empty/file': '' })
    await using known = await start(sources, 'empty', sources.path('start'))
    await using unknown = await start(sources, 'empty', undefined)
    assert.deepEqual(sources.usedBy(known.pid, ['start/app.py']), ['start/app.py'])
    assert.deepEqual(sources.usedBy(unknown.pid, ['start/app.py']), [])
  })

  it('is not taken for another of that name: it is not known which one it is', async () => {
    using sources = new Sources().add({ 'start/app.py': moves, 'other/app.py': '' })
    await using app = await start(sources, 'other', sources.path('start'))
    for (const name of ['start/app.py', 'other/app.py']) {
      const { files, gap } = findAll(finderOf([sources.path(name)]), app.pid)
      assert.deepEqual(files, [])
      assert.equal(gap?.message, 'The directory it was started in is not known')
    }
    using elsewhere = new Sources().add({ 'app.py': '' })
    assert.equal(findAll(finderOf([elsewhere.path('app.py')]), app.pid).gap, null)
  })
})

describe('in a root and mount namespace of its own', { skip: asRoot }, () => {
  const privately = ['unshare', '--mount', '--propagation', 'private', 'sh', '-c']

  it('the file that the path names there', async () => {
    using sources = new Sources().add({ 'a/app.sh': shell, 'b/app.sh': shell })
    const script = 'mount --bind "$1/b" "$1/a"; exec sh "$1/a/app.sh"'
    await using app = await startScript([...privately, script, 'sh', sources.root])
    assert.deepEqual(sources.usedBy(app.pid, ['a/app.sh', 'b/app.sh']), ['b/app.sh'])
  })

  it('where an absolute link begins at its own root', async () => {
    using sources = new Sources().add({
      'root/opt/app.sh': `. /opt/link/part.sh\n${shell}`,
      'root/opt/lib/part.sh': '',
    })
    const script = `
      cd "$1"; mkdir usr; mount --bind /usr usr
      for name in bin lib lib64; do if [ -L /$name ]; then ln -s usr/$name $name; else mkdir $name; mount --bind /$name $name; fi; done
      exec chroot . sh /opt/start`
    symlinkSync('/opt/app.sh', sources.path('root/opt/start'))
    symlinkSync('/opt/lib', sources.path('root/opt/link'))
    await using app = await startScript([...privately, script, 'sh', sources.path('root')])
    const names = ['root/opt/app.sh', 'root/opt/lib/part.sh']
    assert.deepEqual(sources.usedBy(app.pid, names), names)
    const { files } = findAll(finderOf([sources.path('root/opt/app.sh')]), app.pid)
    assert.equal(String(files[0]?.path), `/proc/${app.pid}/root/opt/app.sh`)
  })
})
