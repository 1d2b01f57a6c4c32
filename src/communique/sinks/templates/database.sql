-- The tables of a database of results. `records` gets a column for each field of its record types (sqlite_database.py).

CREATE TABLE documents (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  sha256 TEXT,
  title TEXT,
  published TEXT,        -- ISO date, with its basis beside it
  published_basis TEXT,
  outlet TEXT,
  source TEXT,
  language TEXT,
  chars INTEGER,
  notes TEXT,            -- JSON list
  brief TEXT,            -- its sentences, one a line
  model TEXT,
  backend TEXT,
  judge TEXT,
  prompt TEXT,
  policy TEXT,
  communique TEXT,       -- version of the library
  input_tokens INTEGER,
  cached_tokens INTEGER,
  reasoning_tokens INTEGER,
  output_tokens INTEGER,
  seconds REAL,
  warnings TEXT          -- JSON list
);

-- All sentences where the results hold the article's text (--keep-text), else those that are cited.
CREATE TABLE sentences (
  key INTEGER PRIMARY KEY,
  document INTEGER NOT NULL REFERENCES documents (key) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  text TEXT NOT NULL,
  "start" INTEGER,
  "end" INTEGER,
  page INTEGER,
  UNIQUE (document, number)
);

CREATE TABLE records (
  key INTEGER PRIMARY KEY,
  document INTEGER NOT NULL REFERENCES documents (key) ON DELETE CASCADE,
  id TEXT NOT NULL,
  kind TEXT NOT NULL,    -- plural key of the type: meetings, allegations
  verdict TEXT NOT NULL,
  headline TEXT NOT NULL,
  date TEXT,             -- EDTF
  precision TEXT,
  not_after TEXT,
  response_status TEXT,
  group_key TEXT,
  words TEXT NOT NULL,   -- every text that the record states, one a line: what records_fts searches
  json TEXT NOT NULL     -- the whole record
);

CREATE TABLE responses (
  key INTEGER PRIMARY KEY,
  record INTEGER NOT NULL REFERENCES records (key) ON DELETE CASCADE,
  type TEXT NOT NULL,    -- denial, admission, ...
  cue TEXT
);

CREATE TABLE attributions (
  key INTEGER PRIMARY KEY,
  record INTEGER NOT NULL REFERENCES records (key) ON DELETE CASCADE,
  cue TEXT,
  "when" TEXT,
  via TEXT,
  date TEXT
);

CREATE TABLE actors (
  key INTEGER PRIMARY KEY,
  record INTEGER NOT NULL REFERENCES records (key) ON DELETE CASCADE,
  response INTEGER REFERENCES responses (key) ON DELETE CASCADE,  -- who answered
  attribution INTEGER REFERENCES attributions (key) ON DELETE CASCADE,  -- who is credited
  role TEXT NOT NULL,    -- field of the record: participants, accused; `source` of an attribution; `responders`
  position INTEGER NOT NULL,
  name TEXT NOT NULL,
  kind TEXT,
  title TEXT,            -- office, as copied
  country TEXT,
  country_code TEXT,
  aliases TEXT,          -- JSON list
  details TEXT           -- JSON object of what else its type has, such as the capacity at a meeting
);

CREATE TABLE evidence (
  key INTEGER PRIMARY KEY,
  record INTEGER NOT NULL REFERENCES records (key) ON DELETE CASCADE,
  response INTEGER REFERENCES responses (key) ON DELETE CASCADE,  -- evidence of an answer
  sentence INTEGER NOT NULL REFERENCES sentences (key) ON DELETE CASCADE,
  exact TEXT NOT NULL
);

CREATE TABLE checks (
  key INTEGER PRIMARY KEY,
  record INTEGER NOT NULL REFERENCES records (key) ON DELETE CASCADE,
  field TEXT NOT NULL,
  outcome TEXT NOT NULL,
  reason TEXT NOT NULL,
  severity TEXT NOT NULL,
  "change" TEXT NOT NULL,
  detail TEXT,
  proposal TEXT,
  was TEXT,
  sentences TEXT         -- JSON list of numbers
);

CREATE TABLE rejections (
  key INTEGER PRIMARY KEY,
  document INTEGER NOT NULL REFERENCES documents (key) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  reason TEXT NOT NULL,
  field TEXT,
  detail TEXT,
  sentences TEXT,        -- JSON list of numbers
  draft TEXT             -- JSON object: what the model said
);

-- Written as Datasette looks for it, which then offers a search box.
CREATE VIRTUAL TABLE sentences_fts USING fts5 (
  text, content="sentences", content_rowid="key", tokenize="unicode61 remove_diacritics 2"
);

CREATE VIRTUAL TABLE records_fts USING fts5 (
  headline, words, content="records", content_rowid="key", tokenize="unicode61 remove_diacritics 2"
);

CREATE VIEW denied_allegations AS
SELECT r.key AS record, r.id, d.title AS document_title, d.published, r.headline AS allegation, r.verdict,
  (SELECT group_concat(a.name, '; ') FROM actors a WHERE a.record = r.key AND a.role = 'accused') AS accused,
  (SELECT group_concat(a.name, '; ') FROM actors a WHERE a.response = p.key) AS denied_by,
  p.cue,
  (SELECT group_concat(e.exact, char(10)) FROM evidence e WHERE e.response = p.key) AS denial
FROM records r
JOIN responses p ON p.record = r.key AND p.type = 'denial'
JOIN documents d ON d.key = r.document
WHERE r.kind = 'allegations';

CREATE VIEW flagged_records AS
SELECT r.key AS record, r.id, r.kind, d.title AS document_title, r.headline, c.field, c.reason, c."change", c.was,
  c.proposal, c.detail
FROM records r
JOIN documents d ON d.key = r.document
JOIN checks c ON c.record = r.key AND c.severity <> 'note'
WHERE r.verdict = 'flagged';

CREATE VIEW cited_sentences AS
SELECT d.id AS document_id, d.title AS document_title, s.number AS sentence, e.exact, s.page, r.key AS record, r.id,
  r.kind, r.headline, r.verdict, p.type AS response
FROM evidence e
JOIN sentences s ON s.key = e.sentence
JOIN records r ON r.key = e.record
JOIN documents d ON d.key = r.document
LEFT JOIN responses p ON p.key = e.response;

CREATE VIEW actor_roles AS
SELECT a.name, a.kind AS actor_kind, a.country_code, r.kind, a.role, count(DISTINCT r.key) AS records,
  count(DISTINCT r.document) AS documents
FROM actors a
JOIN records r ON r.key = a.record
GROUP BY a.name, a.kind, a.country_code, r.kind, a.role;

CREATE VIEW country_records AS
SELECT a.country_code, r.kind, r.verdict, count(DISTINCT r.key) AS records
FROM actors a
JOIN records r ON r.key = a.record
WHERE a.country_code IS NOT NULL
GROUP BY a.country_code, r.kind, r.verdict;
