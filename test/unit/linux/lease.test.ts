import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  linkSync,
  mkdtempDisposableSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { createLeaseProbe, leasesAreExact } from '../../../src/linux/lease.ts'
import { libc } from '../../../src/linux/libc.ts'
import { pathFromBytes } from '../../../src/text/index.ts'
import { ioUringWorks } from '../../fixtures/lib/io-uring.ts'
import { startFixture, startProgram, type Fixture } from '../../support/fixture.ts'
import { Folder } from '../../support/folder.ts'
import { noLeases, numberOf, probeAs, probeNow } from '../../support/lease.ts'

const O_PATH = 0x20_0000
const nobody = 65534
const notRoot = process.getuid?.() !== 0 && 'it takes root'
const skip = noLeases

function commandMissing(...names: string[]): string | false {
  const missing = names.find(
    (name) => !['/usr/sbin', '/sbin', '/usr/bin', '/bin'].some((at) => existsSync(join(at, name))),
  )
  return missing !== undefined && `${missing} is missing`
}

const noBtrfs = notRoot || commandMissing('mkfs.btrfs')
const imageSize = 512 * 2 ** 20

/** Runs a command in mounts of its own, which `script` makes: its parameters, then the command. They go with the command. */
function inMounts(script: string, ...parameters: string[]): string[] {
  return ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', ...parameters]
}

function inMountsOf({ pid }: Fixture): string[] {
  return ['nsenter', `--mount=/proc/${pid}/ns/mnt`]
}

/** The leases and locks on a file, as /proc/locks shows them. */
function locksOn(path: string): string[] {
  const { ino } = statSync(path)
  const lines = readFileSync('/proc/locks', 'latin1').split('\n')
  return lines.filter((line) => line.includes(`:${ino} `)).map((line) => line.split(/\s+/).slice(1, 3).join(' '))
}

describe('a file that a lease probe calls free', { skip }, () => {
  it('is open nowhere; nothing of the probe is left', () => {
    using folder = new Folder()
    const file = folder.write('file', 'x')
    const before = readdirSync('/proc/self/fd').length
    for (let count = 0; count < 10; count += 1) assert.equal(probeNow(file), 'free')
    assert.deepEqual(locksOn(file), [])
    assert.equal(readdirSync('/proc/self/fd').length, before)
  })

  it('may be named through symbolic links and other names', () => {
    using folder = new Folder()
    const file = folder.write('file', 'x')
    symlinkSync('file', folder.path('soft'))
    linkSync(file, folder.path('hard'))
    assert.equal(probeNow(folder.path('soft')), 'free')
    assert.equal(probeNow(folder.path('hard')), 'free')
  })

  it('may be named by bytes', () => {
    using folder = new Folder()
    const path = Buffer.concat([Buffer.from(folder.path('name ')), Buffer.of(0xe9, 0xff)])
    writeFileSync(path, 'x')
    assert.equal(createLeaseProbe()(path, numberOf(path)), 'free')
    assert.equal(probeNow(pathFromBytes(path)), 'free')
  })

  it('may have been opened with O_PATH, which is not seen', () => {
    using folder = new Folder()
    const file = folder.write('file', 'x')
    const descriptor = openSync(file, O_PATH)
    assert.equal(probeNow(file), 'free')
    closeSync(descriptor)
  })

  it('may be on tmpfs', { skip: !existsSync('/dev/shm') && 'there is no /dev/shm' }, () => {
    using folder = mkdtempDisposableSync('/dev/shm/restart-manager-test-')
    const file = join(folder.path, 'file')
    writeFileSync(file, 'x')
    assert.equal(probeNow(file), 'free')
    const descriptor = openSync(file, 'r')
    assert.equal(probeNow(file), 'held')
    closeSync(descriptor)
  })
})

describe('a file that a lease probe calls held', { skip }, () => {
  for (const flags of ['r', 'r+', 'a']) {
    it(`is open (${flags}), until it is closed`, () => {
      using folder = new Folder()
      const file = folder.write('file', 'x')
      const descriptor = openSync(file, flags)
      assert.equal(probeNow(file), 'held')
      closeSync(descriptor)
      assert.equal(probeNow(file), 'free')
    })
  }

  it('is open by another of its names', () => {
    using folder = new Folder()
    const file = folder.write('file', 'x')
    linkSync(file, folder.path('hard'))
    const descriptor = openSync(folder.path('hard'), 'r')
    assert.equal(probeNow(file), 'held')
    closeSync(descriptor)
  })

  it('is mapped and no longer open, shared or not', async () => {
    using folder = new Folder()
    const file = folder.write('file', 'x')
    for (const sharing of ['private', 'shared']) {
      await using fixture = await startFixture('maps-a-file', [file, sharing])
      assert.equal(probeNow(file), 'held')
      await fixture.stop()
      assert.equal(probeNow(file), 'free')
    }
  })

  it('runs', async () => {
    using folder = new Folder()
    const program = folder.path('program')
    copyFileSync('/bin/cat', program)
    assert.equal(probeNow(program), 'free')
    await using fixture = startProgram([program])
    assert.ok(fixture.pid)
    assert.equal(probeNow(program), 'held')
  })

  it('is in flight over a socket', { skip: commandMissing('python3') }, async () => {
    using folder = new Folder()
    const file = folder.write('file', 'x')
    await using fixture = await startFixture('has-a-file-in-flight', [file])
    assert.equal(probeNow(file), 'held')
    await fixture.stop()
    assert.equal(probeNow(file), 'free')
  })

  it('belongs to an io_uring ring', { skip: !ioUringWorks() && 'the kernel gives no io_uring' }, async () => {
    using folder = new Folder()
    const file = folder.write('file', 'x')
    await using fixture = await startFixture('has-a-fixed-file', [file])
    assert.ok(fixture.pid)
    assert.equal(probeNow(file), 'held')
  })

  it('lies behind a loop device', { skip: notRoot || commandMissing('mkfs.ext4') }, async () => {
    using folder = new Folder()
    const image = folder.write('image', '')
    truncateSync(image, 2 ** 20)
    execFileSync('mkfs.ext4', ['-q', '-O', '^has_journal', image])
    assert.equal(probeNow(image), 'free')
    // mount(8) has the kernel detach the device when the last mount goes, with the process at the latest.
    const script = 'set -e; mount -o loop,ro "$1" "$2"; cd /; shift 2; exec "$@"'
    const under = inMounts(script, image, folder.directory('at'))
    await using fixture = await startFixture('works-in-a-directory', ['/'], { under })
    assert.ok(fixture.pid)
    assert.equal(probeNow(image), 'held')
  })
})

describe('a file that a lease probe does not know about', { skip }, () => {
  it('is no regular file', () => {
    using folder = new Folder()
    const pipe = folder.path('pipe')
    execFileSync('mkfifo', [pipe])
    for (const path of [pipe, folder.root, '/dev/null', '/proc/version']) assert.equal(probeNow(path), 'unknown')
  })

  it('is a pipe, which is not even opened: who waits for a reader goes on waiting', async () => {
    using folder = new Folder()
    const pipe = folder.path('pipe')
    execFileSync('mkfifo', [pipe])
    let hasReader = false
    const writer = open(pipe, 'w').finally(() => (hasReader = true))
    for (let turns = 0; turns < 200; turns += 1) {
      assert.equal(probeNow(pipe), 'unknown')
      await setImmediate()
    }
    const before = hasReader
    const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK)
    await (await writer).close()
    closeSync(reader)
    assert.equal(before, false)
  })

  it('is missing, or another one by now', () => {
    using folder = new Folder()
    const file = folder.write('file', 'x')
    const expected = numberOf(file)
    const descriptor = openSync(file, 'r')
    folder.replace(file, 'y')
    assert.equal(createLeaseProbe()(file, expected), 'unknown')
    folder.remove(file)
    assert.equal(createLeaseProbe()(file, expected), 'unknown')
    closeSync(descriptor)
  })

  it("is another user's, unless root asks", { skip: notRoot }, async () => {
    using folder = new Folder()
    const roots = folder.write('roots', 'x')
    const own = folder.write('own', 'x')
    folder.give(own, nobody)
    assert.deepEqual(await probeAs({ user: nobody }, roots, own), ['unknown', 'free'])
    const descriptor = openSync(own, 'r')
    assert.deepEqual(await probeAs({ user: nobody }, own), ['held'])
    assert.equal(probeNow(own), 'held')
    closeSync(descriptor)
    assert.equal(probeNow(own), 'free')
  })

  it('is a file of root without CAP_LEASE', { skip: notRoot || commandMissing('setpriv') }, async () => {
    using folder = new Folder()
    const own = folder.write('own', 'x')
    const foreign = folder.write('foreign', 'x')
    folder.give(foreign, nobody)
    const under = ['setpriv', '--inh-caps=-lease', '--bounding-set=-lease']
    assert.deepEqual(await probeAs({ under }, own, foreign), ['free', 'unknown'])
  })

  it('is seen from a process namespace of its own, where leases of others do not show', { skip: notRoot }, async () => {
    using folder = new Folder()
    const file = folder.write('file', 'x')
    const under = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child']
    assert.deepEqual(await probeAs({ under }, file), ['unknown'])
  })

  it(
    'is on overlayfs, where mappings do not count: the file in the layer below is held',
    { skip: notRoot },
    async () => {
      using folder = new Folder()
      const script = `
      set -e; mount -t tmpfs tmpfs "$1"; cd "$1"; shift
      mkdir lower upper work merged; echo x >lower/file
      mount -t overlay overlay -o lowerdir=lower,upperdir=upper,workdir=work merged
      cd /; exec "$@"`
      const [merged, lower] = [folder.path('merged/file'), folder.path('lower/file')]
      await using mapper = await startFixture('maps-a-file', [merged], { under: inMounts(script, folder.root) })
      assert.deepEqual(await probeAs({ under: inMountsOf(mapper) }, merged, lower), ['unknown', 'held'])
    },
  )

  it("has another's lease on btrfs, where /proc/locks does not tell the device", { skip: noBtrfs }, async () => {
    using folder = new Folder()
    const [image, at] = [folder.write('image', ''), folder.directory('at')]
    truncateSync(image, imageSize)
    execFileSync('mkfs.btrfs', ['-q', image])
    const script = 'set -e; mount -o loop "$1" "$2"; echo x >"$2/file"; shift 2; exec "$@"'
    const file = join(at, 'file')
    await using holder = await startFixture('holds-a-lease', [file], { under: inMounts(script, image, at) })
    assert.deepEqual(await probeAs({ under: inMountsOf(holder) }, file), ['unknown'])
    assert.deepEqual(locksOn(`/proc/${holder.pid}/root${file}`), ['LEASE ACTIVE'])
  })

  it('is everything without koffi', async () => {
    using folder = new Folder()
    const load = `import Module from 'node:module'
      const load = Module._load
      Module._load = (name, ...rest) => { if (name === 'koffi') throw new Error('none'); return load(name, ...rest) }`
    const under = ['env', `NODE_OPTIONS=--import=data:text/javascript,${encodeURIComponent(load)}`]
    assert.deepEqual(await probeAs({ under }, folder.write('file', 'x')), ['unknown'])
  })

  it('is everything on a kernel before 5.3', () => {
    for (const kernel of ['2.6.32-754.el6', '4.19.0-27-amd64', '5.2.21']) assert.equal(leasesAreExact(kernel), false)
    for (const kernel of ['5.3.0-1', '5.15.0-generic', '6.1.0', '10.0']) assert.equal(leasesAreExact(kernel), true)
  })
})

describe('file systems and mounts', { skip: skip || notRoot }, () => {
  it('do not matter to the probe when read-only', async () => {
    using folder = new Folder()
    const file = folder.write('file', 'x')
    const script = 'set -e; mount --bind "$1" "$1"; mount -o remount,bind,ro "$1"; shift; exec "$@"'
    const under = inMounts(script, folder.root)
    assert.deepEqual(await probeAs({ under }, file), ['free'])
    const descriptor = openSync(file, 'r')
    assert.deepEqual(await probeAs({ under }, file), ['held'])
    closeSync(descriptor)
  })

  it('do not matter when the file is immutable', { skip: commandMissing('chattr') }, () => {
    using folder = new Folder()
    const file = folder.write('file', 'x')
    execFileSync('chattr', ['+i', file])
    try {
      assert.equal(probeNow(file), 'free')
    } finally {
      execFileSync('chattr', ['-i', file])
    }
  })

  for (const type of ['btrfs', 'xfs', 'f2fs', 'ext4', 'ext2']) {
    it(`include ${type}`, { skip: commandMissing(`mkfs.${type}`) }, async () => {
      using folder = new Folder()
      const image = folder.write('image', '')
      truncateSync(image, imageSize)
      execFileSync(`mkfs.${type}`, [image], { stdio: 'ignore' })
      const script = `
        set -e; mount -o loop "$1" "$2"; cd "$2"; shift 2
        echo x >free; echo x >open; exec 9<open; cd /; exec "$@"`
      const at = folder.directory('at')
      assert.deepEqual(await probeAs({ under: inMounts(script, image, at) }, join(at, 'free'), join(at, 'open')), [
        'free',
        'held',
      ])
    })
  }
})

describe('what a lease probe does to others', { skip }, () => {
  it("leaves another's lease alone, and says that the file is held", async () => {
    using folder = new Folder()
    const file = folder.write('file', 'x')
    await using fixture = await startFixture('holds-a-lease', [file])
    assert.ok(fixture.pid)
    for (let count = 0; count < 100; count += 1) assert.equal(probeNow(file), 'held')
    assert.deepEqual(locksOn(file), ['LEASE ACTIVE'])
  })

  it('leaves the locks of this process alone, which closing a file would drop', () => {
    using folder = new Folder()
    const file = folder.write('file', 'x')
    const descriptor = openSync(file, 'r+')
    const lockf = libc()?.func('int lockf(int descriptor, int command, long length)')
    const F_TLOCK = 2
    assert.equal(lockf?.(descriptor, F_TLOCK, 0), 0)
    assert.equal(probeNow(file), 'held')
    assert.deepEqual(locksOn(file), ['POSIX ADVISORY'])
    closeSync(descriptor)
    assert.equal(probeNow(file), 'free')
  })

  it('would not end the holder of a lease that has chosen SIGURG: who opens the file gets it when the lease is back', async () => {
    using folder = new Folder()
    const file = folder.write('file', 'x')
    await using fixture = await startFixture('holds-a-lease', [file])
    assert.throws(() => openSync(file, constants.O_RDONLY | constants.O_NONBLOCK), { code: 'EAGAIN' })
    await using opened = await open(file)
    assert.ok(opened.fd)
    assert.deepEqual(locksOn(file), [])
    assert.ok(fixture.process)
  })
})
