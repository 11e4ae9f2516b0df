import assert from 'node:assert/strict'
import {
  ERROR_MORE_DATA,
  ERROR_SUCCESS,
  RmEndSession,
  RmGetList,
  RmRegisterResources,
  RmStartSession,
  toUniqueProcess,
  type RM_PROCESS_INFO,
  type RmList,
  type RmSessionHandle,
} from '../../src/rstrtmgr.ts'
import type { ProcessIdentity } from '../../src/model/index.ts'

/** A session of this process, by the functions of Windows. Ended with the scope. */
export interface TestSession extends AsyncDisposable {
  handle: RmSessionHandle
  key: string
}

/** Starts a session, in which these files are registered. */
export async function startTestSession(files: string[] = []): Promise<TestSession> {
  const started = await RmStartSession(0)
  assert.equal(started.error, ERROR_SUCCESS)
  const { sessionHandle: handle, sessionKey: key } = started
  assert.equal(await RmRegisterResources(handle, files, null, null), ERROR_SUCCESS)
  return {
    handle,
    key,
    async [Symbol.asyncDispose]() {
      await RmEndSession(handle)
    },
  }
}

/** The whole list: at most three attempts, as in Microsoft's sample. */
export async function wholeList(handle: RmSessionHandle): Promise<RmList> {
  let capacity = 0
  for (let attempt = 0; attempt < 3; attempt++) {
    const list = await RmGetList(handle, capacity)
    if (list.error === ERROR_SUCCESS) return list
    assert.equal(list.error, ERROR_MORE_DATA)
    capacity = list.procInfoNeeded
  }
  throw new Error('The list grew three times')
}

/** The entry of a process. */
export function entryOf({ affectedApps }: RmList, process: ProcessIdentity): RM_PROCESS_INFO {
  const unique = toUniqueProcess(process)
  const entry = affectedApps.find(({ Process }) => Process.dwProcessId === unique.dwProcessId)
  assert.deepEqual(entry?.Process, unique)
  return entry
}

/** As it stands in the table: `0x4`. */
export function hexadecimal(mask: number): string {
  return `0x${mask.toString(16)}`
}
