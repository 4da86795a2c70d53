CREATE TABLE customer(id INTEGER PRIMARY KEY, name TEXT, city TEXT);
CREATE TABLE purchase(id INTEGER PRIMARY KEY, customer INTEGER, item TEXT, price REAL, day INTEGER);

WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 15000)
INSERT INTO customer
SELECT i, 'customer ' || (i * 7919 % 10007), 'city ' || (i * 31 % 57) FROM n;

WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 240000)
INSERT INTO purchase
SELECT i, i * 6151 % 15000 + 1, 'item ' || (i * 53 % 997), (i * 37 % 10000) / 100.0, i % 365 FROM n;

CREATE INDEX purchase_customer ON purchase(customer, day);

SELECT city, count(*), round(sum(price), 2), max(day)
FROM customer JOIN purchase ON purchase.customer = customer.id
GROUP BY city ORDER BY 3 DESC LIMIT 10;

SELECT item, count(DISTINCT customer) AS buyers FROM purchase
WHERE item LIKE '%9_' GROUP BY item ORDER BY buyers DESC, item LIMIT 10;

UPDATE purchase SET price = price * 1.1 WHERE day BETWEEN 100 AND 200;

SELECT name, (SELECT round(avg(price), 3) FROM purchase WHERE customer = customer.id) AS mean
FROM customer ORDER BY mean DESC, name LIMIT 10;

DELETE FROM purchase WHERE id % 3 = 0;
SELECT count(*), round(total(price), 2), group_concat(DISTINCT substr(item, 6, 1)) FROM purchase;
