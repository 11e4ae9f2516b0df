// Not run: what the types of restart-manager/rstrtmgr allow and refuse. `npm run check` fails where a line that is said to be
// an error is none.
import {
  ERROR_MORE_DATA,
  ERROR_SUCCESS,
  RM_FILTER_ACTION,
  RM_SHUTDOWN_TYPE,
  RmAddFilter,
  RmEndSession,
  RmGetFilterList,
  RmGetList,
  RmJoinSession,
  RmRegisterResources,
  RmRestart,
  RmShutdown,
  RmStartSession,
  type FILETIME,
  type RM_PROCESS_INFO,
  type RmSessionHandle,
} from '../../src/rstrtmgr.ts'

/** As it should be. */
export async function right(): Promise<RM_PROCESS_INFO[]> {
  const started = await RmStartSession(0)
  if (started.error !== ERROR_SUCCESS) throw new Error(`RmStartSession: ${started.error}`)
  const { sessionHandle, sessionKey } = started
  const joined = await RmJoinSession(sessionKey)
  if (joined.error === ERROR_SUCCESS) await RmEndSession(joined.sessionHandle)
  await RmRegisterResources(sessionHandle, ['/a'], null, null)
  const list = await RmGetList(sessionHandle, 0)
  await RmShutdown(sessionHandle, RM_SHUTDOWN_TYPE.RmForceShutdown | RM_SHUTDOWN_TYPE.RmShutdownOnlyRegistered)
  await RmRestart(sessionHandle, 0, (percent) => void percent.toFixed())
  const kept: RmSessionHandle | null = sessionHandle
  await RmEndSession(kept)
  return list.error === ERROR_SUCCESS || list.error === ERROR_MORE_DATA ? list.affectedApps : []
}

/** A session that failed has no handle: its error has to be looked at first. */
export async function handleOfAFailure(): Promise<unknown> {
  const started = await RmStartSession(0)
  // @ts-expect-error The error has not been looked at
  await RmEndSession(started.sessionHandle)
  // @ts-expect-error The error has not been looked at
  if (started.sessionHandle) await RmRestart(started.sessionHandle, 0)
  // @ts-expect-error The error has not been looked at
  return started.sessionKey
}

export async function keyOfASecondary(): Promise<unknown> {
  const joined = await RmJoinSession('')
  // @ts-expect-error A secondary gets no key, it brought one
  return joined.error === ERROR_SUCCESS ? joined.sessionKey : null
}

/** 0 is a handle: whoever has tested one for truth may not use it any more. */
export async function testedForTruth(handle: RmSessionHandle): Promise<void> {
  // @ts-expect-error Tested for truth
  if (handle) await RmEndSession(handle)
  // @ts-expect-error Tested for truth
  if (handle !== 0) await RmShutdown(handle, 0)
  // @ts-expect-error Tested for truth
  if (handle > 0 && handle) await RmRestart(handle, 0)
  // @ts-expect-error Tested for truth
  await (handle && RmGetList(handle, 0))
  // @ts-expect-error Tested for truth
  if (handle) await RmRegisterResources(handle, ['/a'], null, null)
  if (!handle) return
  // @ts-expect-error Tested for truth
  await RmGetFilterList(handle, 0)
  // @ts-expect-error Tested for truth
  await RmAddFilter(handle, '/bin/x', null, null, RM_FILTER_ACTION.RmNoShutdown)
}

/** A handle that is kept, as in a destructor. */
export class Kept {
  #handle: RmSessionHandle | null = null

  async end(): Promise<void> {
    if (this.#handle !== null) await RmEndSession(this.#handle)
  }

  async endsAllButTheFirst(): Promise<void> {
    // @ts-expect-error Tested for truth
    if (this.#handle) await RmEndSession(this.#handle)
    // @ts-expect-error Tested for truth
    if (this.#handle !== null && this.#handle != 0) await RmEndSession(this.#handle)
    const handle = this.#handle || null
    // @ts-expect-error Tested for truth
    if (handle !== null) await RmEndSession(handle)
  }
}

/** All functions are asynchronous. */
export async function notAwaited(handle: RmSessionHandle): Promise<void> {
  // @ts-expect-error A promise is never 0
  if (RmShutdown(handle, 0) === ERROR_SUCCESS) await RmRestart(handle, 0)
}

export async function handleOutOfNowhere(count: number): Promise<void> {
  // @ts-expect-error A number is no handle
  await RmEndSession(0)
  // @ts-expect-error A number is no handle
  await RmEndSession(count)
}

/** The key is made by the primary's call, not given to it. */
export async function keyAsInput(key: string): Promise<void> {
  // @ts-expect-error There is no such parameter
  await RmStartSession(0, key)
  // @ts-expect-error The flags are 0
  await RmStartSession(key)
  // @ts-expect-error The flags are 0
  await RmStartSession(1)
}

/** A start time has two halves of 32 bits. */
export async function startTimes(handle: RmSessionHandle, halves: FILETIME): Promise<void> {
  // @ts-expect-error A number of 64 bits
  await RmRegisterResources(handle, null, [{ dwProcessId: 1, ProcessStartTime: 133_000_000_000_000_000n }], null)
  // @ts-expect-error A number, which cannot hold 64 bits
  await RmRegisterResources(handle, null, [{ dwProcessId: 1, ProcessStartTime: 133_000_000_000_000 }], null)
  // @ts-expect-error Padded: the halves are not in a structure of their own
  await RmRegisterResources(handle, null, [{ dwProcessId: 1, ...halves }], null)
  // @ts-expect-error Half of it
  await RmRegisterResources(handle, null, [{ dwProcessId: 1, ProcessStartTime: { dwLowDateTime: 1 } }], null)
  // @ts-expect-error The identity of the other face
  await RmRegisterResources(handle, null, [{ pid: 1, startTime: 1n }], null)
  // @ts-expect-error A pid is no process
  await RmRegisterResources(handle, null, [1], null)
}

export async function listOfAFailure(handle: RmSessionHandle): Promise<unknown> {
  const list = await RmGetList(handle, 1)
  // @ts-expect-error The error has not been looked at
  return list.affectedApps
}

export async function others(handle: RmSessionHandle): Promise<void> {
  // @ts-expect-error Not an action that can be asked for
  await RmAddFilter(handle, '/bin/x', null, null, RM_FILTER_ACTION.RmInvalidFilterAction)
  // @ts-expect-error The flags are 0
  await RmRestart(handle, RM_SHUTDOWN_TYPE.RmForceShutdown)
}
