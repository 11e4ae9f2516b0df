// For code ported from Windows: the Restart Manager API (rstrtmgr.dll) by its own names and numbers, over the same sessions.
export * from './rstrtmgr/index.ts'
