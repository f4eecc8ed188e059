import type { Sink, SinkProgress, SinkReport } from '@cronclave/openapi'
import { Button, Loader, Modal } from '@mantine/core'
import { IconCircleCheck, IconCircleX } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { ErrorNote } from '../ui/error-note.tsx'
import { formatCount } from '../ui/format.ts'
import { ExactTime } from '../ui/time.tsx'
import classes from './sinks-page.module.css'
import { verifySink } from './verify-stream.ts'

const KINDS = { run: 'Runs', attempt: 'Attempts', stretch: 'Skipped fires', 'late-result': 'Late results' } as const

/** Compares a sink with the ledger, and shows the hours that differ. */
export function VerifySink({ sink, onClose }: { sink: Sink | undefined; onClose(): void }) {
  const [progress, setProgress] = useState<SinkProgress | undefined>(undefined)
  const [report, setReport] = useState<SinkReport | undefined>(undefined)
  const [error, setError] = useState<unknown>(undefined)
  const name = sink?.name
  useEffect(() => {
    if (name === undefined) return
    setProgress(undefined)
    setReport(undefined)
    setError(undefined)
    const stop = new AbortController()
    verifySink(name, setProgress, stop.signal)
      .then(setReport)
      .catch((reason: unknown) => {
        if (!stop.signal.aborted) setError(reason)
      })
    return () => stop.abort()
  }, [name])
  return (
    <Modal
      opened={sink !== undefined}
      onClose={onClose}
      title={`Compare ${name ?? ''} with the ledger`}
      lockScroll={false}
      centered
      size="lg"
    >
      <div className={classes.body}>
        {error !== undefined && <ErrorNote error={error} />}
        {report === undefined && error === undefined && (
          <p role="status">
            <Loader size="xs" />{' '}
            {progress === undefined
              ? 'Rows are counted …'
              : `${formatCount(progress.rows)} rows of the ${progress.phase} are counted …`}
          </p>
        )}
        {report !== undefined && <Report report={report} />}
        <div className={classes.buttons}>
          <Button onClick={onClose}>{report === undefined && error === undefined ? 'Stop' : 'Close'}</Button>
        </div>
      </div>
    </Modal>
  )
}

function Report({ report: { equal, rows, hours, differences, more, upTo } }: { report: SinkReport }) {
  const span = `${formatCount(rows)} rows of ${formatCount(hours)} ${hours === 1 ? 'hour' : 'hours'}, up to ${upTo.index}/${upTo.ordinal}`
  if (equal) {
    return (
      <div role="status" className={classes.steps}>
        <h3 className={classes.heading}>
          <IconCircleCheck size={16} className={classes.pass} aria-hidden /> The sink is equal
        </h3>
        <p className="dim num">{span}</p>
      </div>
    )
  }
  return (
    <div role="status">
      <h3 className={classes.heading}>
        <IconCircleX size={16} className={classes.fail} aria-hidden /> The sink differs
      </h3>
      <p className="dim num">{span}</p>
      <div className={classes.wide}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Hour</th>
              <th scope="col">Kind</th>
              <th scope="col">Rows</th>
              <th scope="col">As they are</th>
              <th scope="col">Missing or changed</th>
              <th scope="col">Never of the ledger</th>
            </tr>
          </thead>
          <tbody>
            {differences.map((difference) => (
              <tr key={difference.hour + difference.kind}>
                <td data-label="Hour">
                  <ExactTime at={difference.hour} />
                </td>
                <td data-label="Kind">{KINDS[difference.kind]}</td>
                <td data-label="Rows" className="num">
                  {formatCount(difference.ledger)}
                </td>
                <td data-label="As they are" className="num">
                  {formatCount(difference.sink)}
                </td>
                <td data-label="Missing or changed" className="num">
                  {formatCount(difference.ledger - difference.sink)}
                </td>
                <td data-label="Never of the ledger" className="num">
                  {formatCount(difference.extra ?? 0)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {more > 0 && <p className="dim">{formatCount(more)} more are not shown.</p>}
    </div>
  )
}
