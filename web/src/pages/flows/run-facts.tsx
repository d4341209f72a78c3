import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { RunDetail, RunResult } from '../../../../src/api/contract.ts'
import { ofThisBook } from '../../parts/of-this-book.ts'
import { Panel } from '../../parts/panel.tsx'
import { CAUSE_NAMES } from '../../words/flows.ts'
import { wordsOf } from '../../words/names.ts'
import { shownText } from '../../words/request-form.ts'
import { exactTime } from '../../words/times.ts'
import css from './run-page.module.css'

/** What was this run asked for, who carried it out, what did it make? */
export function RunFacts({ view }: { readonly view: RunDetail }) {
  const { run, parameters, results, result } = view
  return (
    <div className={css.facts}>
      <Panel title="About">
        <dl className={css.list}>
          <Fact name="Asked">
            <time title={exactTime(run.askedAt)}>{exactTime(run.askedAt)}</time> by {CAUSE_NAMES[run.cause]}
          </Fact>
          {run.scheduledFor !== null && <Fact name="For">{exactTime(run.scheduledFor)}</Fact>}
          {run.parentId !== null && (
            <Fact name="Begun by">
              <RunLink id={run.parentId} />
            </Fact>
          )}
          {run.retryOf !== null && (
            <Fact name="Retry of">
              <RunLink id={run.retryOf} />
            </Fact>
          )}
          {run.worker !== null && (
            <Fact name="Worker">
              {run.worker}
              {run.attempts > 1 && <span className="muted">, begun {run.attempts} times since a worker was lost</span>}
            </Fact>
          )}
          {run.queue !== null && <Fact name="Queue">{wordsOf(run.queue)}</Fact>}
          {Object.entries(run.facts).map(([name, value]) => (
            <Fact key={name} name={wordsOf(name)}>
              {value}
            </Fact>
          ))}
        </dl>
        <Values title="Parameters" value={parameters} />
        {results.length > 0 && <Results results={results} />}
        {result !== null && results.length === 0 && <Values title="Result" value={result} />}
      </Panel>
    </div>
  )
}

function RunLink({ id }: { readonly id: string }) {
  return (
    <Link to="/flows/runs/$id" params={{ id }} search={ofThisBook} className={css.link}>
      {id}
    </Link>
  )
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function Values({ title, value }: { readonly title: string; readonly value: unknown }) {
  const entries = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : []
  return (
    <>
      <h3 className={css.subtitle}>{title}</h3>
      {entries.length === 0 ? (
        <p className={css.none}>{value === null || typeof value === 'object' ? 'None.' : String(value)}</p>
      ) : (
        <dl className={css.list}>
          {entries.map(([name, one]) => (
            <Fact key={name} name={wordsOf(name)}>
              <span className={css.value}>
                {one === null || shownText(one) === '' ? <span className="muted">none</span> : shownText(one)}
              </span>
            </Fact>
          ))}
        </dl>
      )}
    </>
  )
}

function Results({ results }: { readonly results: readonly RunResult[] }) {
  return (
    <>
      <h3 className={css.subtitle}>Made</h3>
      <ul className={css.results}>
        {results.map((result) => (
          <li key={`${result.kind} ${result.reference}`}>
            <strong>{wordsOf(result.kind)}</strong> <Where result={result} />
          </li>
        ))}
      </ul>
    </>
  )
}

/** The page that shows results of a kind, in the book that they belong to; of others their words are all there is. */
const PAGES: Readonly<Record<string, '/' | '/analysis' | '/models'>> = {
  preparation: '/analysis',
  screen: '/analysis',
  model: '/models',
  backtest: '/',
  certificate: '/',
  report: '/',
}

function Where({ result: { kind, reference, book, says } }: { readonly result: RunResult }) {
  const page = PAGES[kind]
  return (
    <span>
      {page === undefined ? (
        <span className={css.value}>{reference}</span>
      ) : (
        <Link to={page} search={(search) => (book === null ? ofThisBook(search) : { book })} className={css.link}>
          {reference}
        </Link>
      )}{' '}
      <span className="muted">{says}</span>
    </span>
  )
}
