-- a project of version 3, written by the program of that time


-- The values of various per-database settings
PRAGMA page_size=4096;
-- PRAGMA encoding='UTF-8';
-- PRAGMA auto_vacuum=NONE;
-- PRAGMA max_page_count=4294967294;

-- This pragma is needed to restore virtual tables
PRAGMA writable_schema=ON;

BEGIN TRANSACTION;

-- Table  asset
DROP TABLE IF EXISTS asset;
CREATE TABLE asset (name TEXT PRIMARY KEY, bytes INTEGER NOT NULL, created_ms INTEGER NOT NULL) STRICT;
INSERT INTO asset VALUES('8f8cbb7dcf46e0bc7d53265749a6c17d116093a6ba95e442764060c76fd4a86c.png',3,1795371105314);

-- Table  fact
DROP TABLE IF EXISTS fact;
CREATE TABLE fact (
    seq INTEGER PRIMARY KEY,
    work TEXT NOT NULL REFERENCES work (id),
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    at_ms INTEGER NOT NULL
) STRICT;
-- Triggers and indices on  fact
CREATE TRIGGER fact_delete BEFORE delete ON fact
BEGIN SELECT RAISE(ABORT, 'fact is append-only'); END;
CREATE INDEX fact_latest ON fact (work, key, seq);
CREATE TRIGGER fact_update BEFORE update ON fact
BEGIN SELECT RAISE(ABORT, 'fact is append-only'); END;

-- Table  head
DROP TABLE IF EXISTS head;
CREATE TABLE head (
    seq INTEGER PRIMARY KEY,
    work TEXT NOT NULL REFERENCES work (id),
    revision TEXT REFERENCES revision (id),
    at_ms INTEGER NOT NULL
) STRICT;
INSERT INTO head VALUES(1,'01m8279z0hj69k09mk8qxpyy5y','01m8279z1bmfsde2w34wy1cxvg',1795371105323);
INSERT INTO head VALUES(2,'01m8279z0hj69k09mk8qxpyy5y','01m8279z1f81eq0t15ybxrd46d',1795371105327);
-- Triggers and indices on  head
CREATE TRIGGER head_delete BEFORE delete ON head
BEGIN SELECT RAISE(ABORT, 'head is append-only'); END;
CREATE TRIGGER head_update BEFORE update ON head
BEGIN SELECT RAISE(ABORT, 'head is append-only'); END;
CREATE INDEX head_work ON head (work, seq);

-- Table  indexed
DROP TABLE IF EXISTS "indexed";
CREATE TABLE indexed (work TEXT PRIMARY KEY, stamp TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- Table  job
DROP TABLE IF EXISTS job;
CREATE TABLE job (id TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT;
INSERT INTO job VALUES('p',X'DE0020A474797065A5696D616765A26964A170A4776F726BBA30316D383237397A30686A36396B30396D6B3871787079793579A6706172656E74A0A966726F6D5F74616B65A0A46D6F6465A474657874A670726F6D7074A9612072656420666F78A770726F6D70747390A86E65676174697665A0A56D6F64656CA16DA8616461707465727390A47365656401A574616B657304A5737465707314A867756964616E6365CB4014000000000000A57769647468CD0200A6686569676874CD0200A97363686564756C6572A0A9636C69705F736B697000A674696C696E67A46E6F6E65A8737472656E677468CB3FE3333333333333A4696E6974A0A46C6F636BA0A7696E7061696E74C0A775707363616C65C0A9766172696174696F6EC0A8636F6E74726F6C7390A97265666572656E6365C0A3626F78C0A770726576696577C3A5626174636800A572756E677390');
-- Triggers and indices on  job
CREATE TRIGGER job_delete BEFORE delete ON job
BEGIN SELECT RAISE(ABORT, 'job is append-only'); END;
CREATE TRIGGER job_update BEFORE update ON job
BEGIN SELECT RAISE(ABORT, 'job is append-only'); END;

-- Table  meta
DROP TABLE IF EXISTS meta;
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO meta VALUES('created_ms','1795371105273');
INSERT INTO meta VALUES('id','01m8279yzs3xtqt4dxhsszmvg8');
INSERT INTO meta VALUES('title','The third book');

-- Table  passage
DROP TABLE IF EXISTS passage;
CREATE TABLE passage (
    id INTEGER PRIMARY KEY,  -- the rowid in `search`
    work TEXT NOT NULL,
    kind TEXT NOT NULL,
    entry TEXT NOT NULL,
    at INTEGER NOT NULL,  -- the character of the work's text it begins at
    folded TEXT NOT NULL  -- as long as the passage, without case and accents: parts of words are found in it
) STRICT;
-- Triggers and indices on  passage
CREATE INDEX passage_work ON passage (work);

-- Table  queue
DROP TABLE IF EXISTS queue;
CREATE TABLE queue (
    job TEXT PRIMARY KEY REFERENCES job (id),
    priority INTEGER NOT NULL,
    position INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed', 'stopped')),
    attempts INTEGER NOT NULL DEFAULT 0,
    what TEXT NOT NULL DEFAULT '',
    kept TEXT NOT NULL DEFAULT '',
    do TEXT NOT NULL DEFAULT '',
    created_ms INTEGER NOT NULL,
    changed_ms INTEGER NOT NULL
) STRICT;

-- Table  revision
DROP TABLE IF EXISTS revision;
CREATE TABLE revision (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    work TEXT NOT NULL REFERENCES work (id),
    parent TEXT REFERENCES revision (id),
    kind TEXT NOT NULL,
    take TEXT REFERENCES take (id),
    edit BLOB NOT NULL,
    inserted INTEGER NOT NULL,
    removed INTEGER NOT NULL,
    excerpt TEXT NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT;
INSERT INTO revision VALUES(1,'01m8279z1bmfsde2w34wy1cxvg','01m8279z0hj69k09mk8qxpyy5y',NULL,'arranged',NULL,X'85A2617400A772656D6F766564A0AC72656D6F7665645F72756E7390A8696E736572746564D96C53697A6520363420C3972036340A7B22666F726D6174223A312C227769647468223A36342C22686569676874223A36342C226C6179657273223A5B5D2C226672616D65223A7B2278223A302C2279223A302C227769647468223A3531322C22686569676874223A3531327D7DAD696E7365727465645F72756E739183A66C656E6774686BA6617574686F72A0A66C6F636B6564C2',107,0,'Size 64 × 64
{"format":1,"width":64,"height":64,"layers":[],',1795371105323);
INSERT INTO revision VALUES(2,'01m8279z1f81eq0t15ybxrd46d','01m8279z0hj69k09mk8qxpyy5y','01m8279z1bmfsde2w34wy1cxvg','accepted','01m8279z0nspjtcje9hptr7dkn',X'85A2617400A772656D6F766564D96C53697A6520363420C3972036340A7B22666F726D6174223A312C227769647468223A36342C22686569676874223A36342C226C6179657273223A5B5D2C226672616D65223A7B2278223A302C2279223A302C227769647468223A3531322C22686569676874223A3531327D7DAC72656D6F7665645F72756E739183A66C656E6774686BA6617574686F72A0A66C6F636B6564C2A8696E736572746564DA01F8416363657074656420E2809C466F78E2809D0A7B22666F726D6174223A312C227769647468223A36342C22686569676874223A36342C226C6179657273223A5B7B226964223A226C222C226E616D65223A22466F78222C226B696E64223A22726173746572222C226173736574223A22386638636262376463663436653062633764353332363537343961366331376431313630393361366261393565343432373634303630633736666434613836632E706E67222C2278223A302C2279223A302C227769647468223A382C22686569676874223A382C2263726F70223A6E756C6C2C227475726E223A302C22666C69705F78223A66616C73652C22666C69705F79223A66616C73652C226F706163697479223A312E302C2276697369626C65223A747275652C2268656C64223A66616C73652C2274616B65223A2230316D383237397A306E73706A74636A65396870747237646B6E222C2261646A757374223A7B22626C61636B223A302C227768697465223A3235352C2267616D6D61223A312E302C2273617475726174696F6E223A302E302C2273686172706E657373223A302E302C22726564223A302E302C22677265656E223A302E302C22626C7565223A302E307D7D5D2C226672616D65223A7B2278223A302C2279223A302C227769647468223A3531322C22686569676874223A3531327D7DAD696E7365727465645F72756E739183A66C656E677468CD01F4A6617574686F72BA30316D383237397A306E73706A74636A65396870747237646B6EA66C6F636B6564C2',500,107,'Accepted “Fox”
{"format":1,"width":64,"height":64,"layers":[',1795371105327);
-- Triggers and indices on  revision
CREATE TRIGGER revision_delete BEFORE delete ON revision
BEGIN SELECT RAISE(ABORT, 'revision is append-only'); END;
CREATE TRIGGER revision_update BEFORE update ON revision
BEGIN SELECT RAISE(ABORT, 'revision is append-only'); END;
CREATE INDEX revision_work ON revision (work, seq);

-- Table  search
DELETE FROM sqlite_schema WHERE name='search' AND type='table';
INSERT INTO sqlite_schema(type,name,tbl_name,rootpage,sql) VALUES('table','search','search',0,'CREATE VIRTUAL TABLE search USING fts5 (text, tokenize = "unicode61 remove_diacritics 2")');

-- Table  search_config
DROP TABLE IF EXISTS search_config;
CREATE TABLE 'search_config'(k PRIMARY KEY, v) WITHOUT ROWID;
INSERT INTO search_config VALUES('version',4);

-- Table  search_content
DROP TABLE IF EXISTS search_content;
CREATE TABLE 'search_content'(id INTEGER PRIMARY KEY, c0);

-- Table  search_data
DROP TABLE IF EXISTS search_data;
CREATE TABLE 'search_data'(id INTEGER PRIMARY KEY, block BLOB);
INSERT INTO search_data VALUES(1,X'');
INSERT INTO search_data VALUES(10,X'00000000000000');

-- Table  search_docsize
DROP TABLE IF EXISTS search_docsize;
CREATE TABLE 'search_docsize'(id INTEGER PRIMARY KEY, sz BLOB);

-- Table  search_idx
DROP TABLE IF EXISTS search_idx;
CREATE TABLE 'search_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;

-- Table  setting
DROP TABLE IF EXISTS setting;
CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- Table  snapshot
DROP TABLE IF EXISTS snapshot;
CREATE TABLE snapshot (
    revision TEXT PRIMARY KEY REFERENCES revision (id),
    text TEXT NOT NULL,
    runs BLOB NOT NULL
) STRICT;
-- Triggers and indices on  snapshot
CREATE TRIGGER snapshot_delete BEFORE delete ON snapshot
BEGIN SELECT RAISE(ABORT, 'snapshot is append-only'); END;
CREATE TRIGGER snapshot_update BEFORE update ON snapshot
BEGIN SELECT RAISE(ABORT, 'snapshot is append-only'); END;

-- Table  take
DROP TABLE IF EXISTS take;
CREATE TABLE take (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    job TEXT NOT NULL REFERENCES job (id),
    work TEXT NOT NULL,
    parent TEXT NOT NULL,
    number INTEGER NOT NULL,
    seed INTEGER NOT NULL,
    made BLOB,  -- msgpack of core.takes.Made
    created_ms INTEGER NOT NULL
) STRICT;
INSERT INTO take VALUES(1,'01m8279z0nspjtcje9hptr7dkn','p','01m8279z0hj69k09mk8qxpyy5y','',0,7,NULL,1795371105301);
-- Triggers and indices on  take
CREATE TRIGGER take_delete BEFORE delete ON take
BEGIN SELECT RAISE(ABORT, 'take is append-only'); END;
CREATE INDEX take_job ON take (job, seq);
CREATE TRIGGER take_update BEFORE update ON take
BEGIN SELECT RAISE(ABORT, 'take is append-only'); END;
CREATE INDEX take_work ON take (work, seq);

-- Table  take_edit
DROP TABLE IF EXISTS take_edit;
CREATE TABLE take_edit (
    seq INTEGER PRIMARY KEY,
    take TEXT NOT NULL REFERENCES take (id),
    edit BLOB NOT NULL,  -- msgpack of media.spans.Edit
    at_ms INTEGER NOT NULL
) STRICT;
-- Triggers and indices on  take_edit
CREATE TRIGGER take_edit_delete BEFORE delete ON take_edit
BEGIN SELECT RAISE(ABORT, 'take_edit is append-only'); END;
CREATE INDEX take_edit_take ON take_edit (take, seq);
CREATE TRIGGER take_edit_update BEFORE update ON take_edit
BEGIN SELECT RAISE(ABORT, 'take_edit is append-only'); END;

-- Table  take_end
DROP TABLE IF EXISTS take_end;
CREATE TABLE take_end (
    take TEXT PRIMARY KEY REFERENCES take (id),
    status TEXT NOT NULL CHECK (status IN ('done', 'stopped', 'failed')),
    text TEXT NOT NULL,
    error TEXT NOT NULL,
    seconds REAL NOT NULL,
    tokens BLOB NOT NULL,
    made BLOB,
    at_ms INTEGER NOT NULL
) STRICT;
INSERT INTO take_end VALUES('01m8279z0nspjtcje9hptr7dkn','done','','',0.0,X'90',NULL,1795371105318);
-- Triggers and indices on  take_end
CREATE TRIGGER take_end_delete BEFORE delete ON take_end
BEGIN SELECT RAISE(ABORT, 'take_end is append-only'); END;
CREATE TRIGGER take_end_update BEFORE update ON take_end
BEGIN SELECT RAISE(ABORT, 'take_end is append-only'); END;

-- Table  take_part
DROP TABLE IF EXISTS take_part;
CREATE TABLE take_part (
    seq INTEGER PRIMARY KEY,
    take TEXT NOT NULL REFERENCES take (id),
    text TEXT NOT NULL
) STRICT;
-- Triggers and indices on  take_part
CREATE TRIGGER take_part_delete BEFORE delete ON take_part
BEGIN SELECT RAISE(ABORT, 'take_part is append-only'); END;
CREATE INDEX take_part_take ON take_part (take, seq);
CREATE TRIGGER take_part_update BEFORE update ON take_part
BEGIN SELECT RAISE(ABORT, 'take_part is append-only'); END;

-- Table  take_picture
DROP TABLE IF EXISTS take_picture;
CREATE TABLE take_picture (
    seq INTEGER PRIMARY KEY,
    take TEXT NOT NULL UNIQUE REFERENCES take (id),
    work TEXT NOT NULL,
    asset TEXT NOT NULL REFERENCES asset (name),
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    preview INTEGER NOT NULL,
    prompt TEXT NOT NULL,
    negative TEXT NOT NULL,
    model TEXT NOT NULL,
    adapters TEXT NOT NULL,  -- JSON list of paths
    seed INTEGER NOT NULL,
    folded TEXT NOT NULL,  -- the prompts without case and accents
    created_ms INTEGER NOT NULL
) STRICT;
INSERT INTO take_picture VALUES(1,'01m8279z0nspjtcje9hptr7dkn','01m8279z0hj69k09mk8qxpyy5y','8f8cbb7dcf46e0bc7d53265749a6c17d116093a6ba95e442764060c76fd4a86c.png',8,8,0,'a red fox','','m','[]',7,'a red fox',1795371105301);
-- Triggers and indices on  take_picture
CREATE TRIGGER take_picture_delete BEFORE delete ON take_picture
BEGIN SELECT RAISE(ABORT, 'take_picture is append-only'); END;
CREATE TRIGGER take_picture_update BEFORE update ON take_picture
BEGIN SELECT RAISE(ABORT, 'take_picture is append-only'); END;
CREATE INDEX take_picture_work ON take_picture (work, seq);

-- Table  take_tokens
DROP TABLE IF EXISTS take_tokens;
CREATE TABLE take_tokens (  -- apart from take_end: with alternatives they are most of a project's bytes
    take TEXT PRIMARY KEY REFERENCES take (id),
    tokens BLOB NOT NULL  -- msgpack of core.takes.Token, ...
) STRICT;
-- Triggers and indices on  take_tokens
CREATE TRIGGER take_tokens_delete BEFORE delete ON take_tokens
BEGIN SELECT RAISE(ABORT, 'take_tokens is append-only'); END;
CREATE TRIGGER take_tokens_update BEFORE update ON take_tokens
BEGIN SELECT RAISE(ABORT, 'take_tokens is append-only'); END;

-- Table  thumb
DROP TABLE IF EXISTS thumb;
CREATE TABLE thumb (  -- apart: a gallery is listed without reading them
    take TEXT PRIMARY KEY REFERENCES take (id),
    image BLOB NOT NULL
) STRICT;
INSERT INTO thumb VALUES('01m8279z0nspjtcje9hptr7dkn',X'736D616C6C');
-- Triggers and indices on  thumb
CREATE TRIGGER thumb_delete BEFORE delete ON thumb
BEGIN SELECT RAISE(ABORT, 'thumb is append-only'); END;
CREATE TRIGGER thumb_update BEFORE update ON thumb
BEGIN SELECT RAISE(ABORT, 'thumb is append-only'); END;

-- Table  verdict
DROP TABLE IF EXISTS verdict;
CREATE TABLE verdict (
    seq INTEGER PRIMARY KEY,
    take TEXT NOT NULL REFERENCES take (id),
    kind TEXT NOT NULL CHECK (kind IN ('accepted', 'rejected', 'restored')),
    reason TEXT NOT NULL,
    revision TEXT REFERENCES revision (id),
    at_ms INTEGER NOT NULL
) STRICT;
INSERT INTO verdict VALUES(1,'01m8279z0nspjtcje9hptr7dkn','accepted','','01m8279z1f81eq0t15ybxrd46d',1795371105327);
-- Triggers and indices on  verdict
CREATE TRIGGER verdict_delete BEFORE delete ON verdict
BEGIN SELECT RAISE(ABORT, 'verdict is append-only'); END;
CREATE INDEX verdict_take ON verdict (take, seq);
CREATE TRIGGER verdict_update BEFORE update ON verdict
BEGIN SELECT RAISE(ABORT, 'verdict is append-only'); END;

-- Table  work
DROP TABLE IF EXISTS work;
CREATE TABLE work (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    parent TEXT REFERENCES work (id),
    position INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    removed INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO work VALUES('01m8279z0hj69k09mk8qxpyy5y','picture','A picture',NULL,0,1795371105297,0);

pragma user_version=3;
pragma application_id=1096043602;

COMMIT TRANSACTION;

-- Restoring writable schema back to default
PRAGMA writable_schema=OFF;

-- We need to force SQLite to reread the schema because otherwise it doesn't
-- know that the virtual tables we inserted directly into sqlite_schema exist.
BEGIN;
CREATE TABLE no_such_table(x,y,z);
ROLLBACK;
