-- SPDX-License-Identifier: Apache-2.0
PRAGMA page_size = 1024;
CREATE TABLE item(id INTEGER PRIMARY KEY, name TEXT, price REAL, stock INTEGER);
BEGIN;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500)
INSERT INTO item SELECT i, 'item ' || (i * 7919 % 1500), i * 3.25, i * 31 % 97 FROM n;
COMMIT;
CREATE INDEX item_name ON item(name);
SELECT count(*), sum(stock), max(price) FROM item;
SELECT name, price FROM item WHERE name LIKE 'item 12%' ORDER BY name LIMIT 5;
BEGIN;
UPDATE item SET stock = stock + 1 WHERE id % 3 = 0;
DELETE FROM item WHERE id % 11 = 0;
ROLLBACK;
DELETE FROM item WHERE stock < 10;
CREATE TABLE sold(item INTEGER REFERENCES item(id), n INTEGER);
INSERT INTO sold SELECT id, stock / 3 FROM item WHERE stock > 60;
SELECT stock, count(*) FROM item GROUP BY stock ORDER BY 2 DESC, 1 LIMIT 5;
SELECT i.name, s.n FROM item i JOIN sold s ON s.item = i.id ORDER BY s.n DESC, i.id LIMIT 5;
VACUUM;
PRAGMA integrity_check;
