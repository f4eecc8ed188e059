import type { Run, RunLink } from '@cronclave/openapi'
import { Link } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { api } from '../api/client.ts'
import { StateBadge } from '../ui/state-badge.tsx'
import { Ago } from '../ui/time.tsx'
import classes from './chain-card.module.css'
import { momentWords } from './run-words.ts'

/** Jobs that follow each other in one chain at most. */
const LINKS_MAX = 16

type Parent = NonNullable<Run['parent']>

/** Where a run comes from and what came of it: its chain up to its beginning and down to its end, and what does it again. */
export function ChainCard({ run }: { run: Run }) {
  const { namespace, parent, rerunOf, backfill, children = [], reruns = [] } = run
  if (!parent && !rerunOf && !backfill && children.length === 0 && reruns.length === 0) return null
  return (
    <section className="card" aria-labelledby="chain-title">
      <div className="card-head">
        <h2 id="chain-title">Chain</h2>
      </div>
      <ol className={classes.chain}>
        {parent !== undefined && <Ancestors namespace={namespace} parent={parent} left={LINKS_MAX} />}
        {rerunOf !== undefined && (
          <Step word="Does again">
            <RunRef namespace={namespace} id={rerunOf} />
          </Step>
        )}
        {backfill !== undefined && (
          <Step word="Of the backfill">
            <code>{backfill}</code>
          </Step>
        )}
        <Step word="This run" here>
          <StateBadge state={run.state} />
        </Step>
        <Children namespace={namespace} links={children} left={LINKS_MAX} />
        {reruns.map((link) => (
          <Linked key={link.id} namespace={namespace} link={link} word="Done again by" />
        ))}
      </ol>
    </section>
  )
}

/** The run whose end started another, below all those that led to it. Without its record, its id is what is left. */
function Ancestors({ namespace, parent, left }: { namespace: string; parent: Parent; left: number }) {
  const { data: run } = useRun(namespace, parent.run)
  return (
    <>
      {run?.parent !== undefined && left > 0 && <Ancestors namespace={namespace} parent={run.parent} left={left - 1} />}
      <Step word={`Started by the ${momentWords(parent.moment)} of`}>
        <RunRef namespace={namespace} id={parent.run} name={run?.job} />
        {run !== undefined && (
          <>
            {' '}
            <StateBadge state={run.state} />
          </>
        )}
      </Step>
    </>
  )
}

/** What the end of a run started. A single one shows at once what it started itself, several when they are asked. */
function Children({ namespace, links, left }: { namespace: string; links: readonly RunLink[]; left: number }) {
  return links.map((link) => (
    <Linked
      key={link.id}
      namespace={namespace}
      link={link}
      word={link.moment === undefined ? 'Started' : `Its ${momentWords(link.moment)} started`}
    >
      {left > 0 && <Further namespace={namespace} link={link} left={left - 1} shown={links.length === 1} />}
    </Linked>
  ))
}

function Further({ namespace, link, left, shown }: { namespace: string; link: RunLink; left: number; shown: boolean }) {
  const [isOpen, setOpen] = useState(shown)
  const isOver = link.state !== 'queued' && link.state !== 'running'
  const { data: run } = useRun(namespace, link.id, isOpen && isOver)
  if (!isOver) return null
  if (!isOpen)
    return (
      <button type="button" className={classes.further} onClick={() => setOpen(true)}>
        What it started
      </button>
    )
  if (run?.children === undefined) return run !== undefined && !shown && <span className="dim">nothing further</span>
  return (
    <ol>
      <Children namespace={namespace} links={run.children} left={left} />
    </ol>
  )
}

function useRun(namespace: string, run: string, enabled = true) {
  const path = { namespace, run }
  return api.useQuery('get', '/v1/namespaces/{namespace}/runs/{run}', { params: { path } }, { enabled, retry: false })
}

function Step({ word, here = false, children }: { word: string; here?: boolean; children: ReactNode }) {
  return (
    <li data-here={here || undefined} aria-current={here ? 'step' : undefined}>
      <span className={classes.word}>{word}</span> {children}
    </li>
  )
}

interface LinkedProps {
  namespace: string
  link: RunLink
  word: string
  children?: ReactNode
}

function Linked({ namespace, link, word, children }: LinkedProps) {
  return (
    <Step word={word}>
      <RunRef namespace={namespace} id={link.id} name={link.job} /> <StateBadge state={link.state} />{' '}
      <span className="dim">
        <Ago at={link.createdAt} />
      </span>
      {children}
    </Step>
  )
}

/** A run by the name of its job, or by its id where that is not known. */
function RunRef({ namespace, id, name = id }: { namespace: string; id: string; name?: string | undefined }) {
  return (
    <Link className={classes.link} to="/n/$ns/runs/$run" params={{ ns: namespace, run: id }}>
      {name}
    </Link>
  )
}
