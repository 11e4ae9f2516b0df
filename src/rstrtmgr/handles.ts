import { RestartManagerError } from '../errors/index.ts'
import type { PrimarySession, SecondarySession } from '../session/index.ts'

declare const brand: unique symbol
/** The number 0, which is a handle like any other. */
type FirstHandle = 0 & { readonly [brand]: 'first' }
type LaterHandle = number & { readonly [brand]: 'later' }

/**
 * A session as this process knows it: a small number, the lowest that is free, 0 among them. It has two halves so that
 * testing it for truth takes one away (`Untested`): `0` would have been taken for "no session".
 */
export type RmSessionHandle = FirstHandle | LaterHandle

/** What functions take: a handle from which no test has taken 0 away. */
export type Untested<Handle extends RmSessionHandle> = RmSessionHandle extends Handle
  ? Handle
  : 'This handle was tested for truth, and 0 is a handle: test `error`'

/** What a handle stands for. */
export interface OpenSession {
  session: PrimarySession | SecondarySession
  /** The looks of RmGetList that are running. */
  looks: Set<AbortController>
}

const open: (OpenSession | undefined)[] = []

export function openHandle(session: OpenSession['session']): RmSessionHandle {
  const free = open.indexOf(undefined)
  const handle = free < 0 ? open.length : free
  open[handle] = { session, looks: new Set() }
  return handle as RmSessionHandle
}

/** Errors: INVALID_SESSION. */
export function openSessionOf(handle: number): OpenSession {
  const found = typeof handle === 'number' ? open[handle] : undefined
  if (found) return found
  throw new RestartManagerError('INVALID_SESSION', `No session has the handle ${String(handle)}`)
}

/** Errors: INVALID_SESSION, NOT_PRIMARY. */
export function primaryOf(handle: number): PrimarySession {
  const { session } = openSessionOf(handle)
  if (session.role === 'primary') return session
  throw new RestartManagerError('NOT_PRIMARY', 'Only the primary may do this')
}

/** The handle is free again, unless it stands for another session by now. */
export function closeHandle(handle: number, closed: OpenSession): void {
  if (open[handle] === closed) open[handle] = undefined
}
