import type { Run, RunLink } from '@cronclave/openapi'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { StateBadge } from '../ui/state-badge.tsx'
import { Ago } from '../ui/time.tsx'
import classes from './chain-card.module.css'
import { momentWords } from './run-words.ts'

/** Where a run comes from and what came of it: its parent, its children, and the runs that do it again. */
export function ChainCard({ run }: { run: Run }) {
  const { namespace, parent, rerunOf, backfill, children = [], reruns = [] } = run
  if (!parent && !rerunOf && !backfill && children.length === 0 && reruns.length === 0) return null
  return (
    <section className="card" aria-labelledby="chain-title">
      <div className="card-head">
        <h2 id="chain-title">Chain</h2>
      </div>
      <ol className={classes.chain}>
        {parent !== undefined && (
          <Step word={`Started by the ${momentWords(parent.moment)} of`}>
            <RunRef namespace={namespace} id={parent.run} />
          </Step>
        )}
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
        {children.map((link) => (
          <Linked
            key={link.id}
            namespace={namespace}
            link={link}
            word={link.moment === undefined ? 'Started' : `Its ${momentWords(link.moment)} started`}
          />
        ))}
        {reruns.map((link) => (
          <Linked key={link.id} namespace={namespace} link={link} word="Done again by" />
        ))}
      </ol>
    </section>
  )
}

function Step({ word, here = false, children }: { word: string; here?: boolean; children: ReactNode }) {
  return (
    <li data-here={here || undefined} aria-current={here ? 'step' : undefined}>
      <span className={classes.word}>{word}</span> {children}
    </li>
  )
}

function Linked({ namespace, link, word }: { namespace: string; link: RunLink; word: string }) {
  return (
    <Step word={word}>
      <Link className={classes.link} to="/n/$ns/runs/$run" params={{ ns: namespace, run: link.id }}>
        {link.job}
      </Link>{' '}
      <StateBadge state={link.state} />{' '}
      <span className="dim">
        <Ago at={link.createdAt} />
      </span>
    </Step>
  )
}

function RunRef({ namespace, id }: { namespace: string; id: string }) {
  return (
    <Link className={classes.link} to="/n/$ns/runs/$run" params={{ ns: namespace, run: id }}>
      {id}
    </Link>
  )
}
