import psycopg, pytest
from tests.app.releases.test_paging import *
from gis.query import FeatureReader, Query
def test_dbg(fresh_urls):
    reader = FeatureReader(LAYER)
    with engine(fresh_urls) as app, psycopg.connect(fresh_urls.public.conninfo(), autocommit=True) as connection:
        for other in {"indexscan", "bitmapscan"}:
            connection.execute(f"SET enable_{other} = off")
        release(app, STAY, Random(0), complete=True)
        for k in range(6):
          release(app, STAY + random_visitors(k), Random(k), complete=True)
        after=None
        for k in range(3):
            q=Query(7,BOX,after)
            steps=reader._steps(q, False)
            step=next(steps)
            while True:
                text,vals=step
                print("\n".join(r[0] for r in connection.execute("EXPLAIN (ANALYZE) "+text,vals).fetchall()))
                rows=connection.execute(text,vals).fetchall()
                try: step=steps.send(rows)
                except StopIteration as d:
                    after=read_cursor(d.value.next,()); break
def random_visitors(k): return Random(k).sample(COME_AND_GO, 40)
