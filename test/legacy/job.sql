-- SPDX-License-Identifier: Apache-2.0
.bail on
PRAGMA cache_size = -64;
CREATE TABLE t (id INTEGER PRIMARY KEY, word TEXT, number REAL);
BEGIN;
WITH RECURSIVE n(i, x) AS (
    SELECT 1, 7 UNION ALL SELECT i + 1, (x * 1103515245 + 12345) % 2147483648 FROM n WHERE i < 1500)
INSERT INTO t SELECT i, printf('%x', x), x / 3.0 FROM n;
COMMIT;
CREATE INDEX by_word ON t (word);
.output sql.out
SELECT word, number FROM t ORDER BY word LIMIT 200;
.output stdout
BEGIN;
DELETE FROM t WHERE id % 7 = 0;
ROLLBACK;
DELETE FROM t WHERE id % 5 = 0;
SELECT count(*), sum(number), max(word) FROM t;
VACUUM;
PRAGMA integrity_check;
