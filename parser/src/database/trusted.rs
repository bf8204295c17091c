//! What a database may not do to who opens it: its schema is untrusted input.

use rusqlite::Connection;
use rusqlite::config::DbConfig;

/// Kibibytes that pages may take in memory.
const CACHE: u32 = 1024;

/// Keeps a schema from calling functions with effects, checks pages before they are used, and bounds the cache
/// (<https://www.sqlite.org/security.html>).
pub(super) fn restrict(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    let settings = format!(
        "PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA cache_size = -{CACHE}; PRAGMA temp_store = FILE;"
    );
    connection.execute_batch(&settings)
}
