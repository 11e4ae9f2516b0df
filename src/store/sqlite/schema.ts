/** Written to `user_version` in the transaction that makes a session: 0 says that the session is not made yet. */
export const schemaVersion = 3

/**
 * One session. Numbers up to 2^64-1 (device, inode, start time) are decimal text: SQLite's integers are signed.
 * A path is TEXT, or a BLOB with its bytes where they are no UTF-8. `contents` is what `rememberContents` wrote down of a directory.
 * `started_us` is monotonic time in microseconds, for the order of sessions; below 2^53, which a number holds exactly.
 * `made_*` is the process that was made for an application when it was last started again. `written_us` is monotonic, too.
 * `ended` is set before the file is removed, for those who still have it open.
 */
export const schema = `
  CREATE TABLE session (
    key_hash BLOB NOT NULL, boot_id TEXT NOT NULL, owner_pid INTEGER NOT NULL, owner_start_time TEXT NOT NULL,
    started_at TEXT NOT NULL, started_us INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'stopping', 'stopped', 'restarting')),
    operator_pid INTEGER, operator_start_time TEXT,
    shutdown_called INTEGER NOT NULL, cancel_requested INTEGER NOT NULL, ended INTEGER NOT NULL) STRICT;
  CREATE TABLE participants (
    number INTEGER PRIMARY KEY, pid INTEGER NOT NULL, start_time TEXT NOT NULL, role TEXT NOT NULL,
    state TEXT NOT NULL, joined_at TEXT NOT NULL) STRICT;
  CREATE TABLE files (path ANY PRIMARY KEY, dev TEXT, ino TEXT, handle TEXT) STRICT, WITHOUT ROWID;
  CREATE TABLE directories (path ANY PRIMARY KEY, dev TEXT, ino TEXT, handle TEXT, contents BLOB) STRICT;
  CREATE TABLE processes (pid INTEGER, start_time TEXT, PRIMARY KEY (pid, start_time)) STRICT, WITHOUT ROWID;
  CREATE TABLE services (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
  CREATE TABLE filters (target TEXT PRIMARY KEY, action TEXT NOT NULL) STRICT;
  CREATE TABLE applications (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, application TEXT NOT NULL, restart_record TEXT NOT NULL,
    made_pid INTEGER, made_start_time TEXT) STRICT;
  CREATE TABLE statuses (
    number INTEGER PRIMARY KEY, application INTEGER NOT NULL REFERENCES applications (id), status TEXT NOT NULL,
    written_us INTEGER NOT NULL) STRICT;
  CREATE INDEX statuses_of_application ON statuses (application, number);
  PRAGMA user_version = ${schemaVersion};
`
