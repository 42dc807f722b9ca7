-- SPDX-License-Identifier: Apache-2.0
-- The job of make demo: a shop's year. Everything is computed, so every run is the same.
.bail on
.print making 100,000 orders
PRAGMA journal_mode = DELETE;
PRAGMA cache_size = -512;
CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL, city TEXT NOT NULL);
CREATE TABLE orders (
    id INTEGER PRIMARY KEY, customer INTEGER NOT NULL REFERENCES customer, day INTEGER NOT NULL,
    item TEXT NOT NULL, cents INTEGER NOT NULL);
BEGIN;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
INSERT INTO customer
SELECT i, printf('customer %04d', i * 7919 % 10000),
       substr('Turin   Gdansk  Porto   Leeds   Ghent   Aarhus  ', i * 31 % 6 * 8 + 1, 8) FROM n;
WITH RECURSIVE n(i, x) AS (
    SELECT 1, 20261124
    UNION ALL SELECT i + 1, (x * 1103515245 + 12345) % 2147483648 FROM n WHERE i < 100000)
INSERT INTO orders
SELECT i, x / 65536 % 2000 + 1, i * 365 / 100001, printf('item-%03d', x / 1024 % 500),
       100 + x / 256 % 9900 FROM n;
COMMIT;
SELECT printf('%d orders, %.2f euros', count(*), sum(cents) / 100.0) FROM orders;
.print making indexes
CREATE INDEX by_customer ON orders (customer, day);
CREATE INDEX by_item ON orders (item);
.print writing report.csv
.mode csv
.output report.csv
SELECT item, count(*), sum(cents), max(day) FROM orders GROUP BY item ORDER BY sum(cents) DESC;
SELECT city, customer.id, name, total(cents) FROM customer JOIN orders ON customer = customer.id
GROUP BY customer.id ORDER BY city, 4 DESC, customer.id;
.output stdout
.mode list
.print best cities
SELECT printf('  %-8s %12.2f', trim(city), sum(cents) / 100.0)
FROM orders JOIN customer ON customer.id = customer
GROUP BY city ORDER BY sum(cents) DESC;
.print closing the books
UPDATE orders SET cents = cents * 95 / 100 WHERE day % 7 = 0;
DELETE FROM orders WHERE customer % 100 = 13;
SELECT printf('%d orders, %.2f euros', count(*), sum(cents) / 100.0) FROM orders;
PRAGMA integrity_check;
