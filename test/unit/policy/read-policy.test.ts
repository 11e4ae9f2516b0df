import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { readPolicy, type Policy } from '../../../src/policy/index.ts'
import { Folder } from '../../support/folder.ts'

const own = process.getuid?.() ?? 0
const needsRoot = own === 0 ? false : 'needs root, to give files away'
const stranger = 4242
const rule = (service: string) => `[[rule]]\nservices = ["${service}"]\naction = "ordinary"\n`

describe('The files of a policy', () => {
  let folder: Folder
  beforeEach(() => {
    folder = new Folder()
  })
  afterEach(() => folder[Symbol.dispose]())

  const read = (user = own, chosen = folder.root): Promise<Policy> =>
    readPolicy({ environment: { RESTART_MANAGER_POLICY_DIR: chosen }, user, realPath: () => null })
  const refused = (message: RegExp) => assert.rejects(read(), { code: 'POLICY_INVALID', message })

  it('need not be there', async () => {
    assert.deepEqual(await read(), { files: [], rules: [], ignored: null })
  })

  it('have to be where the environment says', async () => {
    await assert.rejects(read(own, folder.path('nowhere')), {
      code: 'POLICY_INVALID',
      message: /nowhere: RESTART_MANAGER_POLICY_DIR names it, and there is nothing$/,
    })
  })

  it('are read in order: policy.toml, then those of policy.d by name', async () => {
    folder.directory('policy.d')
    for (const name of ['20-b', '10-a', '9-c']) folder.write(`policy.d/${name}.toml`, rule(name))
    for (const name of ['.hidden.toml', 'README', 'old.toml~', 'old.toml.dpkg-old']) {
      folder.write(`policy.d/${name}`, 'no rule')
    }
    folder.write('policy.toml', rule('first'))
    const { files, rules } = await read()
    assert.deepEqual(
      files,
      ['policy.toml', 'policy.d/10-a.toml', 'policy.d/20-b.toml', 'policy.d/9-c.toml'].map((name) => folder.path(name)),
    )
    assert.deepEqual(
      rules.map((one) => [one.services?.[0]?.text, one.file]),
      ['first', '10-a', '20-b', '9-c'].map((name, index) => [`${name}.service`, files[index]]),
    )
  })

  it('are named where they are wrong', async () => {
    folder.directory('policy.d')
    folder.write('policy.d/a.toml', '\n\n[[rules]]\n')
    await refused(/policy\.d\/a\.toml:3:1: unknown table rules/)
  })

  it('may not be written by others, and neither may their folders', async () => {
    const file = folder.write('policy.toml', rule('a'))
    chmodSync(file, 0o664)
    await refused(/policy\.toml: others than its owner may write it \(mode 664\): chmod go-w/)
    chmodSync(file, 0o644)
    chmodSync(folder.directory('policy.d'), 0o757)
    await refused(/policy\.d: others than its owner may write it/)
    chmodSync(folder.path('policy.d'), 0o755)
    chmodSync(folder.root, 0o775)
    await refused(/others than its owner/)
    chmodSync(folder.root, 0o755)
    assert.equal((await read()).rules.length, 1)
  })

  it('belong to root or to the caller', { skip: needsRoot }, async () => {
    chownSync(folder.write('policy.toml', rule('a')), stranger, stranger)
    await refused(/belongs to user 4242; wanted user 0/)
    await assert.rejects(read(1000), /belongs to user 4242; wanted user 0 or 1000/)
    assert.equal((await read(stranger)).rules.length, 1)
  })

  it('are not chosen for root by somebody else', { skip: needsRoot }, async () => {
    folder.write('policy.toml', 'no rule')
    folder.give(folder.root, stranger)
    const { ignored } = await read()
    assert.match(ignored ?? '', /^RESTART_MANAGER_POLICY_DIR is ignored: .* belongs to user 4242$/)
  })

  it('are no links to nothing, folders, pipes, or texts in another encoding', async () => {
    symlinkSync('nothing', folder.path('policy.toml'))
    await refused(/it is a link to nothing/)
    folder.remove(folder.path('policy.toml'))
    folder.directory('policy.toml')
    await refused(/it is no regular file/)
    folder.remove(folder.path('policy.toml'))
    spawnSync('mkfifo', ['--mode=644', folder.path('policy.toml')])
    await refused(/it is no regular file/)
    folder.remove(folder.path('policy.toml'))
    spawnSync('sh', ['-c', `printf '# \\377\\n' > ${folder.path('policy.toml')}`])
    await refused(/it is no UTF-8/)
    folder.remove(folder.path('policy.toml'))
    // Nobody is told to take rights away from the device.
    symlinkSync('/dev/null', folder.path('policy.toml'))
    await refused(/it is no regular file/)
  })

  it('lie in a folder, under names that are UTF-8', async () => {
    folder.write('policy.d', '')
    await refused(/policy\.d: it is no directory/)
    folder.remove(folder.path('policy.d'))
    folder.directory('policy.d')
    writeFileSync(
      Buffer.concat([Buffer.from(folder.path('policy.d/')), Buffer.of(0xff), Buffer.from('.toml')]),
      rule('a'),
    )
    await refused(/its name is no UTF-8/)
  })

  it('are read in the order of the bytes of their names', async () => {
    folder.directory('policy.d')
    for (const name of ['\u{1f600}', '\uff21', 'a', 'B']) folder.write(`policy.d/${name}.toml`, rule('a'))
    assert.deepEqual(
      (await read()).files.map((file) => basename(file, '.toml')),
      ['B', 'a', '\uff21', '\u{1f600}'],
    )
  })

  it('may be links to files that are as they should be', async () => {
    symlinkSync(folder.write('real', rule('a')), folder.path('policy.toml'))
    assert.equal((await read()).rules.length, 1)
  })

  it('are not so large that they cannot be rules', async () => {
    folder.write('policy.toml', `# ${'x'.repeat(1024 * 1024)}\n`)
    await refused(/at most 1048576 are read/)
  })

  it('lie where an absolute path says', async () => {
    await assert.rejects(read(own, 'etc'), { code: 'INVALID_ARGUMENT', message: /not an absolute path: "etc"/ })
  })
})
