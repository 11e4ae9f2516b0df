import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Option, type Command } from 'commander'
import { RestartManagerError } from '../errors/index.ts'
import type { Resources } from '../model/index.ts'
import { workingDirectory } from '../linux/arguments.ts'
import { pathBytes, pathFromBytes } from '../text/index.ts'
import { parsePid } from './arguments.ts'
import type { Context } from './context.ts'
import { shown } from './output/text.ts'

/** The options that name resources, as the parser gives them. */
export interface ResourceOptions {
  directory?: string[]
  process?: number[]
  service?: string[]
  fromFile?: string[]
  null?: boolean
}

/** Adds `[RESOURCE]...` to a command: files as arguments, everything else by option, each as often as wanted. */
export function takesResources(command: Command): Command {
  return command
    .argument('[FILE...]', 'files that are about to be changed')
    .addOption(new Option('--directory <DIR>', 'a directory and all files beneath it').argParser(collect))
    .addOption(new Option('--process <PID>', 'a process').argParser(collectPid))
    .addOption(new Option('--service <NAME>', 'a service, by the name its manager uses').argParser(collect))
    .addOption(
      new Option('--from-file <LIST>', 'files listed one a line in LIST, or - for standard input').argParser(collect),
    )
    .option('-0, --null', 'the paths in LIST end with a NUL byte, not with a line')
}

/**
 * What the arguments and options name. Paths that are not absolute are taken from the working directory, as every command
 * does. Errors: INVALID_ARGUMENT where a list cannot be read.
 */
export function resourcesOf(files: string[], options: ResourceOptions): Resources {
  const listed = (options.fromFile ?? []).flatMap((list) => readList(list, options.null === true))
  return {
    files: [...files, ...listed].map(absolute),
    directories: (options.directory ?? []).map(absolute),
    processes: options.process ?? [],
    services: options.service ?? [],
  }
}

export function namesResources(files: string[], options: ResourceOptions): boolean {
  return [files, options.directory, options.process, options.service, options.fromFile].some(
    (given) => (given ?? []).length > 0,
  )
}

/** An empty path stays one: it would become the working directory. */
function absolute(path: string): string {
  return path === '' ? path : resolve(workingDirectory(), path)
}

/** Files that are not there have no users; often they are misspelt. Not for lists, which name what an installer will bring. */
export function noteMissing(files: string[], { terminal }: Context): void {
  for (const path of files.map(absolute)) {
    if (path !== '' && !existsSync(pathBytes(path)))
      terminal.message(`No such file, so nothing uses it: ${shown(path)}`)
  }
}

function collect(value: string, previous: string[] = []): string[] {
  return [...previous, value]
}

function collectPid(value: string, previous: number[] = []): number[] {
  return [...previous, parsePid(value)]
}

function readList(list: string, nul: boolean): string[] {
  let bytes: Buffer
  try {
    bytes = readFileSync(list === '-' ? 0 : pathBytes(list))
  } catch (error) {
    throw unreadable(list, (error as Error).message)
  }
  return pathFromBytes(bytes)
    .split(nul ? '\0' : '\n')
    .filter((path) => path !== '')
}

function unreadable(list: string, why: string): RestartManagerError {
  return new RestartManagerError('INVALID_ARGUMENT', `Cannot read the list ${list}: ${why}`)
}
