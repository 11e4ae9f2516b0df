import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { copyFileSync, linkSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { after, before, describe, it } from 'node:test'
import type { AffectedList } from '../../src/model/index.ts'
import { Folder } from '../support/folder.ts'
import { Holders, holdersAvailable, type Step } from '../support/holders.ts'
import { without } from '../support/scripts.ts'
import { installedAvailable, InstalledFolder, replaceCode, staleOf, startEcho } from '../support/installed.ts'

const unavailable = holdersAvailable() ?? installedAvailable()
const needsRoot = process.getuid?.() !== 0 && 'needs root'

describe('code that has been replaced or removed', { skip: unavailable }, () => {
  let holders: Holders
  let folder: InstalledFolder
  before(() => {
    holders = new Holders()
    folder = new InstalledFolder()
  })
  after(async () => {
    await holders[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  /** A holder of its own, that has mapped the code of a new file. */
  async function mapped(name: string): Promise<{ pid: number; path: string }> {
    const path = folder.code(name)
    return { pid: await holders.tell(name, [['map', path, 'code']]), path }
  }

  it('names a library that was replaced by another file', async () => {
    const { pid, path } = await mapped('libreplaced.so')
    assert.deepEqual(await staleOf(pid), [])
    replaceCode(path)
    assert.deepEqual(await staleOf(pid, { wholePaths: true }), [`${path} mapped`])
  })

  it('names a library that was removed', async () => {
    const { pid, path } = await mapped('libremoved.so.1')
    rmSync(path)
    assert.deepEqual(await staleOf(pid), ['libremoved.so.1 mapped'])
  })

  it('does not name what was made for one process, and removed', async () => {
    const { pid, path } = await mapped('orcexec.Xa1B2c')
    rmSync(path)
    assert.deepEqual(await staleOf(pid), [])
  })

  it('names a program that was replaced, and one that was removed', async () => {
    for (const change of [replaceCode, rmSync]) {
      const path = folder.code(`program-${change.name}`)
      await using program = await startEcho([path])
      assert.deepEqual(await staleOf(program.pid), [])
      change(path)
      assert.deepEqual(await staleOf(program.pid, { wholePaths: true }), [`${path} executable`])
    }
  })

  it('names it where the old version lives on under another name', async () => {
    const { pid, path } = await mapped('libkept.so')
    linkSync(path, `${path}.backup`)
    replaceCode(path)
    assert.deepEqual(await staleOf(pid), ['libkept.so mapped'])
  })

  it('does not name who uses another name of it', async () => {
    const path = folder.code('libtwo.so')
    linkSync(path, folder.path('libother.so'))
    const user = await holders.tell('user of the name', [['map', path, 'code']])
    const other = await holders.tell('user of the other', [['map', folder.path('libother.so'), 'code']])
    replaceCode(path)
    assert.deepEqual(await staleOf(user), ['libtwo.so mapped'])
    assert.deepEqual(await staleOf(other), [])
  })

  it('does not name what was only moved', async () => {
    const { pid, path } = await mapped('libmoved.so')
    renameSync(path, `${path}.elsewhere`)
    assert.deepEqual(await staleOf(pid), [])
  })

  it('does not name what was put back', async () => {
    const { pid, path } = await mapped('libback.so')
    linkSync(path, `${path}.dpkg-tmp`)
    replaceCode(path)
    renameSync(`${path}.dpkg-tmp`, path)
    assert.deepEqual(await staleOf(pid), [])
  })

  it('is not misled by names that end in " (deleted)"', async () => {
    const { pid, path } = await mapped('libodd.so (deleted)')
    assert.deepEqual(await staleOf(pid), [])
    copyFileSync('/bin/cat', folder.path('libodd.so'))
    assert.deepEqual(await staleOf(pid), [])
    replaceCode(path)
    assert.deepEqual(await staleOf(pid), ['libodd.so (deleted) mapped'])
  })

  it('does not name temporary files', async () => {
    using temporary = new Folder()
    const path = temporary.path('libtemporary.so')
    for (const change of [replaceCode, rmSync]) {
      copyFileSync('/bin/cat', path)
      const pid = await holders.tell(`temporary ${change.name}`, [['map', path, 'code']])
      change(path)
      assert.deepEqual(await staleOf(pid), [])
    }
  })

  it('does not name memory that is no file of an installation', async () => {
    const program = fileURLToPath(new URL('../fixtures/maps-memory.py', import.meta.url))
    const kinds = [
      ['memory-file'],
      ['zero'],
      ['shared-memory'],
      ['no-name', folder.root],
      ['no-name', tmpdir()],
      ['removed', '/dev/shm'],
      ['removed', tmpdir()],
      ['program'],
    ]
    for (const kind of kinds) {
      await using memory = await startEcho(['/usr/bin/python3', '-I', program, ...kind])
      assert.deepEqual(await staleOf(memory.pid), [], kind.join(' '))
    }
  })

  it('names a process whose first thread has ended', async () => {
    const path = folder.code('libthread.so')
    const pid = await holders.tell('threads', [['map', path, 'code'], ['end-first-thread']])
    replaceCode(path)
    assert.deepEqual(await staleOf(pid), ['libthread.so mapped'])
  })

  describe('with another root directory or other mounts', { skip: needsRoot }, () => {
    it('finds what a process has mapped before it changed its root', async () => {
      const path = folder.code('libbefore.so')
      const prison = folder.directory('prison')
      const pid = await holders.tell('prisoner', [
        ['map', path, 'code'],
        ['root-in', prison],
      ])
      assert.deepEqual(await staleOf(pid), [])
      replaceCode(path)
      assert.deepEqual(await staleOf(pid, { wholePaths: true }), [`${path} mapped`])
    })

    it('finds what lies in the root of the process, by the path in it', async () => {
      const own: Step[] = [['unshare', 'mounts']]
      for (const steps of [[], own]) {
        const name = `root ${steps.length}`
        const root = folder.directory(name)
        const path = folder.code(`${name}/libinside.so`)
        const pid = await holders.tell(name, [...steps, ['root-in', root], ['map', '/libinside.so', 'code']])
        assert.deepEqual(await staleOf(pid), [])
        replaceCode(path)
        assert.deepEqual(await staleOf(pid, { wholePaths: true }), ['/libinside.so mapped'])
      }
    })

    it('shows a user their own, and says whom it could not look at', async () => {
      using common = new InstalledFolder('/var/lib')
      const path = common.code('own-program')
      await using program = await startEcho(['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', path])
      replaceCode(path)
      const command = fileURLToPath(new URL('../../src/cli/restartctl.ts', import.meta.url))
      const { stdout } = await promisify(execFile)(process.execPath, [command, 'stale', '--json'], {
        uid: 65534,
        gid: 65534,
        maxBuffer: 2 ** 26,
      })
      const { applications, uninspected } = JSON.parse(stdout) as AffectedList
      assert.deepEqual(
        applications.flatMap(({ uses }) => uses.map((use) => [use.process.pid, use.path, use.as])),
        [[program.pid, path, 'executable']],
      )
      assert.ok(uninspected.some((one) => one.process.pid === process.pid && one.reason === 'belongs to user 0'))
    })

    it('does not name what is only hidden by a mount', async () => {
      const hidden = folder.directory('hidden')
      const other = folder.directory('other')
      const path = folder.code('hidden/libhidden.so')
      folder.code('other/libhidden.so')
      const pid = await holders.tell('hidden', [
        ['unshare', 'mounts'],
        ['map', path, 'code'],
        ['bind', other, hidden],
      ])
      assert.deepEqual(await staleOf(pid), [])
    })

    it('sees what was replaced through a bind mount', async () => {
      const source = folder.directory('source')
      const target = folder.directory('target')
      const path = folder.code('source/libbound.so')
      const pid = await holders.tell('bound', [
        ['unshare', 'mounts'],
        ['bind', source, target],
        ['map', join(target, 'libbound.so'), 'code'],
      ])
      assert.deepEqual(await staleOf(pid), [])
      replaceCode(path)
      assert.deepEqual(await staleOf(pid, { wholePaths: true }), [`${target}/libbound.so mapped`])
    })

    const overlay = `
      mkdir lower upper
      mount -t tmpfs tmpfs lower; cp /bin/cat lower/program
      mount -t tmpfs tmpfs upper; mkdir upper/layer upper/work
      mount -t overlay overlay -o lowerdir=lower,upperdir=upper/layer,workdir=upper/work merged`
    const btrfs = `
      truncate -s 128M image; mkfs.btrfs -q image >/dev/null
      mount -o loop image merged; btrfs -q subvolume create merged/volume >/dev/null
      umount merged; mount -o loop,subvol=volume image merged; cp /bin/cat merged/program`

    for (const [type, commands, skip] of [
      ['overlayfs', overlay, false],
      ['btrfs', btrfs, without('mkfs.btrfs', 'btrfs')],
    ] as const)
      it(`tells files on ${type} apart`, { skip }, async () => {
        using layers = new InstalledFolder()
        const mount = `set -e; cd "$1"; mkdir merged; ${commands}; exec "$PWD/merged/program"`
        const unshare = ['unshare', '--mount', '--propagation', 'private']
        await using program = await startEcho([...unshare, 'sh', '-c', mount, 'sh', layers.root])
        assert.deepEqual(await staleOf(program.pid), [])
        replaceCode(`/proc/${program.pid}/root${layers.path('merged/program')}`)
        assert.deepEqual(await staleOf(program.pid, { wholePaths: true }), [
          `${layers.path('merged/program')} executable`,
        ])
      })
  })
})
