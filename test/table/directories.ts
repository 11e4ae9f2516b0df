import type { Step } from '../support/holders.ts'
import type { Arrangement, Case, HolderPlan } from './case.ts'
import type { Stage } from './stage.ts'

/** What a case about a directory has: the registered directory, a directory and a file in it. */
interface Place {
  stage: Stage
  directory: string
  beneath: string
  file: string
}

/** Every way a process can use a directory or something in it. */
export const directoryUses: Case[] = [
  exactly('working directory', ({ directory }) => holder([['work-in', directory]], 'working-directory')),
  beneath('working directory beneath it', (place) => holder([['work-in', place.beneath]], 'working-directory')),
  exactly('working directory of one thread alone', ({ directory }) =>
    holder([['in-thread', [['unshare', 'working-directory'], workIn(directory)]]], 'working-directory'),
  ),
  beneath('working directory of one thread alone, beneath it', (place) =>
    holder([['in-thread', [['unshare', 'working-directory'], workIn(place.beneath)]]], 'working-directory'),
  ),
  exactly('root directory', ({ directory }) => rooted(directory, 'root-directory')),
  beneath('root directory beneath it', (place) => rooted(place.beneath, 'root-directory')),
  exactly('the directory itself open', ({ directory }) => holder([['open', directory, 'read']], 'open')),
  beneath('a file in it open', ({ file }) => holder([['open', file, 'write']], 'open')),
  beneath('a file in it mapped', ({ file }) => holder([['map', file, 'code']], 'mapped')),
  beneath('a program in it runs', ({ stage }) => holder([['run', stage.program('directory/program')]], 'executable')),
  beneath('a file in it, mapped by another name outside', ({ stage, file }) =>
    holder([['map', stage.hardLink(file, 'outside'), 'data']], 'mapped'),
  ),
  inside(
    'a file in it open, made after the registration',
    ({ stage }) => ({ after: [holder([['open', stage.path('directory/later'), 'append']], 'open')] }),
    ({ stage }) => stage.rename(stage.path('file outside'), stage.path('directory/later')),
  ),
  inside(
    'a file in it open, renamed over since',
    ({ file }) => ({
      before: [holder([['open', file, 'read']], 'open replaced')],
      after: [holder([['open', file, 'read']], 'open')],
    }),
    ({ stage, file }) => stage.rename(stage.path('file outside'), file),
  ),
  inside(
    'a file in it mapped, removed since',
    ({ file }) => ({ before: [holder([['map', file, 'data']], 'mapped replaced')] }),
    ({ stage, file }) => stage.remove(file),
  ),
  exactly('working directory above it: no use', ({ stage }) => holder([['work-in', stage.folder]])),
  exactly('a directory whose name begins the same: no use', ({ stage }) =>
    holder([
      ['work-in', stage.directory('directory 2')],
      ['open', stage.path('directory 2'), 'read'],
    ]),
  ),
]

function exactly(name: string, plan: (place: Place) => HolderPlan): Case {
  return {
    part: 'Uses of a directory',
    name,
    arrange: (stage) => {
      const place = placeIn(stage)
      return { registered: place.directory, isDirectory: true, before: [plan(place)] }
    },
  }
}

function beneath(name: string, plan: (place: Place) => HolderPlan): Case {
  return { ...exactly(name, plan), notForFuser: 'fuser does not look beneath a directory' }
}

function inside(
  name: string,
  plans: (place: Place) => Pick<Arrangement, 'before' | 'after'>,
  change: (place: Place) => void,
): Case {
  return {
    ...beneath(name, () => holder([])),
    arrange: (stage) => {
      const place = placeIn(stage)
      stage.file('file outside')
      return { registered: place.directory, isDirectory: true, change: () => change(place), ...plans(place) }
    },
  }
}

function placeIn(stage: Stage): Place {
  const directory = stage.directory('directory')
  return { stage, directory, beneath: stage.directory('directory/beneath'), file: stage.file('directory/file') }
}

function workIn(directory: string): Step {
  return ['work-in', directory]
}

function rooted(directory: string, use: string): HolderPlan {
  return { asRoot: [['root-in', directory]], steps: [], uses: [use] }
}

function holder(steps: Step[], ...uses: string[]): HolderPlan {
  return { steps, uses }
}
