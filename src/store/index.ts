export * from './session-store.ts'
export { createSqliteStore, type SqliteStoreOptions } from './sqlite/store.ts'
