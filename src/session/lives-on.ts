import { sameProcess, type ApplicationResult, type FileUse } from '../model/index.ts'

/** Which of the uses is by a process that its service's unit lets live, and in words; null where none is. */
export function livesOn(uses: FileUse[], rows: ApplicationResult[], name: string | null = null): string | null {
  for (const { application, left } of rows) {
    const use = uses.find((one) => left?.processes.some((process) => sameProcess(process, one.process)))
    if (!use || !left) continue
    const who = `process ${use.process.pid}${name === null ? '' : ` (${name})`}`
    return `${who} belongs to ${String(application.service)}, whose unit lets it live (${left.by}), and uses ${use.path}`
  }
  return null
}
