import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmodSync, linkSync, lstatSync, mkdirSync, mkdtempDisposableSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Walked } from '../fixtures/walks-a-directory.ts'

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/${name}.ts`, import.meta.url))
const temporary = () => mkdtempDisposableSync(join(tmpdir(), 'restart-manager-'))
const isRoot = process.getuid?.() === 0
const needsRoot = { skip: !isRoot && 'mounting takes root' }
const nobody = 65534

interface How {
  koffi: boolean
  /** Shell commands that mount in DIR, which is the working directory; all of it goes with the mount namespace. */
  mount?: string
  user?: number
}

async function walk(path: string, how: How): Promise<Walked> {
  const walked = (await run('walks-a-directory', path, how)) as Walked
  assert.equal(walked.koffi, how.koffi)
  return walked
}

/** What a fixture says of DIR. */
async function run(name: string, path: string, { koffi, mount, user }: How): Promise<unknown> {
  const without = koffi ? [] : ['--import', fixture('lib/without-koffi')]
  const command = [process.execPath, '--disable-warning=ExperimentalWarning', ...without, fixture(name)]
  const privately = ['unshare', '--mount', '--propagation', 'private', 'sh', '-c']
  const script = `set -e; cd "$1"; ${mount ?? ''}; cd /; top="$1"; shift; exec "$@" "$top"`
  const [program = '', ...args] =
    mount === undefined ? [...command, path] : [...privately, script, 'sh', path, ...command]
  const { stdout } = await promisify(execFile)(program, args, user === undefined ? {} : { uid: user, gid: user })
  return JSON.parse(stdout)
}

for (const koffi of [true, false]) {
  const how = koffi ? 'with getdents64 and statx' : 'without koffi'

  describe(`all that lies beneath a directory, ${how}`, () => {
    it('is shown under any name, links not followed', async () => {
      using folder = temporary()
      const { path } = folder
      mkdirSync(join(path, 'a', 'b'), { recursive: true })
      mkdirSync(join(path, 'empty'))
      const odd = [' (deleted)', '\n', '\\040', '"', '*', '...', 'ä', Buffer.from([0xff]), Buffer.from([0xc3])]
      for (const name of odd) {
        writeFileSync(Buffer.concat([Buffer.from(`${path}/a/b/`), Buffer.from(name as string)]), '')
      }
      mkdirSync(Buffer.concat([Buffer.from(`${path}/directory-`), Buffer.from([0xfe])]))
      writeFileSync(Buffer.concat([Buffer.from(`${path}/directory-`), Buffer.from([0xfe]), Buffer.from('/file')]), '')
      symlinkSync('/etc', join(path, 'out'))
      symlinkSync('.', join(path, 'circle'))
      linkSync(join(path, 'a/b/"'), join(path, 'hard link'))
      const walked = await walk(path, { koffi })
      assert.deepEqual([walked.shown, walked.unreadable], [walked.there, []])
      assert.equal(walked.shown.length, 4 + odd.length + 1 + 2)
      assert.equal(walked.count, walked.shown.length + 1, 'the file with two names is shown twice')
    })

    it('is shown where the directory is named by a link, and nothing where it is none', async () => {
      using folder = temporary()
      mkdirSync(join(folder.path, 'a'))
      writeFileSync(join(folder.path, 'a/file'), '')
      symlinkSync('a', join(folder.path, 'link'))
      assert.equal((await walk(join(folder.path, 'link'), { koffi })).count, 1)
      assert.equal((await walk(join(folder.path, 'a/file'), { koffi })).count, 0)
    })

    it('names the directories that it could not look into', async () => {
      using folder = temporary()
      chmodSync(folder.path, 0o755)
      mkdirSync(join(folder.path, 'closed'))
      writeFileSync(join(folder.path, 'file'), '')
      const closed = lstatSync(join(folder.path, 'closed'))
      chmodSync(join(folder.path, 'closed'), 0)
      const walked = await walk(folder.path, isRoot ? { koffi, user: nobody } : { koffi })
      chmodSync(join(folder.path, 'closed'), 0o700)
      const path = join(folder.path, 'closed')
      assert.deepEqual(walked.unreadable, [{ path, reason: 'permission denied (EACCES)' }])
      assert.ok(walked.shown.includes(`${closed.dev} ${closed.ino}/`), 'itself it is shown')
      assert.equal(walked.count, 2)
    })

    it('is what is mounted there, files over files too, and not what is mounted over', needsRoot, async () => {
      using folder = temporary()
      const mount = `
        odd="$(printf 'x y\\\\040\\n\\377')"
        mkdir a b "$odd"; touch b/over b/beside "$odd/over"
        mount -t tmpfs none a; echo x >a/in; mkdir a/deep; echo y >a/deep/in
        mount --bind a/in b/over
        mount --bind a/deep/in "$odd/over"`
      const walked = await walk(folder.path, { koffi, mount })
      assert.deepEqual(walked.shown, walked.there)
      const over = lstatSync(join(folder.path, 'b/over'))
      assert.ok(!walked.shown.includes(`${over.dev} ${over.ino}`))
      assert.equal(walked.shown.length, 7)
    })

    it('is not what the kernel shows of itself', needsRoot, async () => {
      using folder = temporary()
      const mount = `
        mkdir proc sys a; touch a/file namespace
        mount -t proc none proc; mount -t sysfs none sys; mount --bind /proc/self/ns/net namespace`
      const walked = await walk(folder.path, { koffi, mount })
      const { dev, ino } = lstatSync(join(folder.path, 'a/file'))
      assert.ok(walked.shown.includes(`${dev} ${ino}`))
      assert.equal(walked.count, 2)
    })

    it('comes to an end where a directory is mounted within itself, and nothing is left out', needsRoot, async () => {
      using folder = temporary()
      const mount = `
        mkdir -p a/loop a/tmpfs again elsewhere; touch a/tmpfs/beneath a/file
        mount -t tmpfs none a/tmpfs; touch a/tmpfs/above
        mount --bind . a/loop; mount --rbind . again; mount --bind a elsewhere`
      const walked = await walk(folder.path, { koffi, mount })
      assert.deepEqual(walked.shown, walked.there)
      const beneath = lstatSync(join(folder.path, 'a/tmpfs/beneath'))
      assert.ok(walked.shown.includes(`${beneath.dev} ${beneath.ino}`), 'seen through the bind mounts')
    })

    it('has on overlayfs the numbers that stat gives', needsRoot, async () => {
      using folder = temporary()
      const mount = `
        mkdir lower upper merged
        mount -t tmpfs none lower; mkdir lower/a lower/both; touch lower/a/file lower/both/one lower/gone
        mount -t tmpfs none upper; mkdir upper/layer upper/work upper/layer/both; touch upper/layer/both/two
        mount -t overlay overlay -o lowerdir=lower,upperdir=upper/layer,workdir=upper/work merged
        rm merged/gone; echo changed >merged/a/file; touch merged/new`
      const walked = await walk(folder.path, { koffi, mount })
      assert.deepEqual(walked.shown, walked.there)
    })

    it('and for registered files that lie in one directory their numbers are those of stat', needsRoot, async () => {
      using folder = temporary()
      const mount = `
        for i in $(seq 40); do echo "$i" >"$i"; done
        mkdir 41; ln -s 7 42; ln 8 43
        mount --bind 1 2; mount -t tmpfs none 41`
      assert.deepEqual(await run('indexes-files', folder.path, { koffi, mount }), { files: 43, wrong: [] })
    })
  })
}
