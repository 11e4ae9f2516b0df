import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { dirname } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { newSession, storeFolder } from '../fixtures/store-folder.ts'

const asNobody = ['--reuid=65534', '--regid=65534', '--clear-groups']
const visitor = fileURLToPath(new URL('../fixtures/store-visitor.ts', import.meta.url))

/** Why the test cannot run here; false where it can. */
function obstacle(): string | false {
  if (process.geteuid?.() !== 0) return 'needs root, to be another user'
  const { error, status, stderr } = spawnSync('setpriv', [...asNobody, process.execPath, '--check', visitor], {
    encoding: 'utf8',
  })
  if (error) return `needs setpriv: ${error.message}`
  return status === 0 ? false : `needs a repository that user 65534 can read: ${stderr.trim()}`
}

describe('Another user', () => {
  it(
    'does not know the key, and can neither make nor see sessions in the directory',
    { skip: obstacle() },
    async (t) => {
      const { directory, store } = storeFolder(t)
      const { key, session } = await newSession(store)
      // The folder around it is open, so that the runtime directory itself is what keeps the other user out.
      chmodSync(dirname(directory), 0o755)
      const args = [...asNobody, process.execPath, '--disable-warning=ExperimentalWarning', visitor, directory, key]
      const { stdout, stderr } = spawnSync('setpriv', args, { encoding: 'utf8' })
      assert.equal(stderr, '')
      assert.equal(stdout, 'SESSION_KEY_INVALID STORE_FAILED STORE_FAILED')
      assert.equal((await session.summary()).state, 'open')
    },
  )
})
