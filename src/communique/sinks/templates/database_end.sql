-- Made when all rows are there, which is faster than to keep it up with every row.

CREATE INDEX records_document ON records (document);
CREATE INDEX records_id ON records (id);
CREATE INDEX records_kind ON records (kind, verdict, date);
CREATE INDEX documents_id ON documents (id);
CREATE INDEX responses_record ON responses (record, type);
CREATE INDEX attributions_record ON attributions (record);
CREATE INDEX actors_record ON actors (record, role);
CREATE INDEX actors_response ON actors (response);
CREATE INDEX actors_attribution ON actors (attribution);
CREATE INDEX actors_name ON actors (name COLLATE NOCASE);
CREATE INDEX actors_country ON actors (country_code);
CREATE INDEX evidence_record ON evidence (record);
CREATE INDEX evidence_response ON evidence (response);
CREATE INDEX evidence_sentence ON evidence (sentence);
CREATE INDEX checks_record ON checks (record);
CREATE INDEX rejections_document ON rejections (document);
INSERT INTO sentences_fts (sentences_fts) VALUES ('rebuild');
INSERT INTO records_fts (records_fts) VALUES ('rebuild');
ANALYZE;
