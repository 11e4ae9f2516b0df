import type { Filter, FilterAction, FilterTarget } from '../model/index.ts'
import { assertCapacity } from './capacity.ts'
import { RM_FILTER_ACTION, RM_FILTER_TRIGGER } from './enumerations.ts'
import {
  answerOf,
  badArgument,
  ERROR_MORE_DATA,
  ERROR_SUCCESS,
  failureOf,
  type Answer,
  type Failure,
} from './error-numbers.ts'
import { toProcessIdentity, toUniqueProcess } from './file-time.ts'
import { primaryOf, type RmSessionHandle, type Untested } from './handles.ts'
import { shortServiceName } from './service-name.ts'
import type { RM_FILTER_INFO, RM_UNIQUE_PROCESS } from './structures.ts'

/** Records are counted where Windows counts bytes. */
export type RmGetFilterListResult =
  | {
      error: typeof ERROR_SUCCESS | typeof ERROR_MORE_DATA
      /** How many filters there are. */
      filterInfoNeeded: number
      /** How many are in `filters`: all of them, or with 234 none. */
      filterInfo: number
      filters: RM_FILTER_INFO[]
    }
  | { error: Failure }

/**
 * Keeps applications from being started again, or from being stopped at all. Exactly one of module (the path of a program),
 * process and service is named, the others are null; a later action for the same target replaces the earlier one. Failures:
 * 160, 1219 (a secondary), 6, 121, 29, 14.
 */
export async function RmAddFilter<Handle extends RmSessionHandle>(
  dwSessionHandle: Untested<Handle>,
  strModuleName: string | null,
  pProcess: RM_UNIQUE_PROCESS | null,
  strServiceShortName: string | null,
  FilterAction: Exclude<RM_FILTER_ACTION, typeof RM_FILTER_ACTION.RmInvalidFilterAction>,
): Promise<Answer> {
  return answerOf(async () => {
    const { filters } = primaryOf(dwSessionHandle as Handle)
    await filters.add(targetOf(strModuleName, pProcess, strServiceShortName), actionOf(FilterAction))
  })
}

/** Failures: 2 (no such filter), 160, 1219 (a secondary), 6, 121, 29, 14. */
export async function RmRemoveFilter<Handle extends RmSessionHandle>(
  dwSessionHandle: Untested<Handle>,
  strModuleName: string | null,
  pProcess: RM_UNIQUE_PROCESS | null,
  strServiceShortName: string | null,
): Promise<Answer> {
  return answerOf(async () => {
    const { filters } = primaryOf(dwSessionHandle as Handle)
    await filters.remove(targetOf(strModuleName, pProcess, strServiceShortName))
  })
}

/**
 * `capacity`: how many records the caller has room for; 234 where there are more. Failures: 160, 1219 (a secondary), 6, 121,
 * 29, 14.
 */
export async function RmGetFilterList<Handle extends RmSessionHandle>(
  dwSessionHandle: Untested<Handle>,
  capacity: number,
): Promise<RmGetFilterListResult> {
  try {
    const session = primaryOf(dwSessionHandle as Handle)
    assertCapacity(capacity)
    const found = await session.filters.list()
    const fits = found.length <= capacity
    const filters = fits ? found.map((filter, index) => filterInfoOf(filter, index === found.length - 1)) : []
    const error = fits ? ERROR_SUCCESS : ERROR_MORE_DATA
    return { error, filterInfoNeeded: found.length, filterInfo: filters.length, filters }
  } catch (error) {
    return { error: failureOf(error) }
  }
}

function targetOf(executable: string | null, process: RM_UNIQUE_PROCESS | null, service: string | null): FilterTarget {
  if ([executable, process, service].filter((one) => one !== null).length !== 1) {
    throw badArgument('A filter names exactly one of module, process, service; the others are null')
  }
  if (executable !== null) return { executable }
  if (process !== null) return { process: toProcessIdentity(process) }
  return { service: service as string }
}

function actionOf(action: RM_FILTER_ACTION): FilterAction {
  if (action === RM_FILTER_ACTION.RmNoRestart) return 'no-restart'
  if (action === RM_FILTER_ACTION.RmNoShutdown) return 'no-shutdown'
  throw badArgument(`Not a filter action: ${String(action)}; wanted 1 or 2`)
}

function filterInfoOf({ target, action }: Filter, isLast: boolean): RM_FILTER_INFO {
  const { RmNoRestart, RmNoShutdown } = RM_FILTER_ACTION
  const common = {
    FilterAction: action === 'no-restart' ? RmNoRestart : RmNoShutdown,
    cbNextOffset: isLast ? (0 as const) : (1 as const),
  }
  const { RmFilterTriggerFile, RmFilterTriggerProcess, RmFilterTriggerService } = RM_FILTER_TRIGGER
  if ('executable' in target) {
    return { ...common, FilterTrigger: RmFilterTriggerFile, strFilename: target.executable }
  }
  if ('process' in target) {
    return { ...common, FilterTrigger: RmFilterTriggerProcess, Process: toUniqueProcess(target.process) }
  }
  return {
    ...common,
    FilterTrigger: RmFilterTriggerService,
    strServiceShortName: shortServiceName(target.service),
  }
}
