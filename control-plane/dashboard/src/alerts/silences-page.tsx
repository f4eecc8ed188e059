import { Button, Skeleton } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { ErrorNote } from '../ui/error-note.tsx'
import { notifyError } from '../ui/notify.ts'
import { Ago, ExactTime } from '../ui/time.tsx'
import { matchWords } from './alert-words.ts'
import { type Of, useEndSilence, useSilences } from './alerts-api.ts'
import classes from './alerts.module.css'
import { SilenceForm } from './silence-form.tsx'

/** What nobody is told of for a while. */
export default function SilencesPage({ of }: { of: Of }) {
  const { data, error } = useSilences(of)
  const [adding, setAdding] = useState(false)
  const end = useEndSilence(of)
  return (
    <section className="card" aria-labelledby="silences-title">
      <div className="card-head">
        <h2 id="silences-title">Silences</h2>
        <Button
          className="push"
          size="xs"
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() => setAdding(true)}
        >
          New silence
        </Button>
        <SilenceForm of={of} opened={adding} onClose={() => setAdding(false)} />
      </div>
      {error !== null && (
        <div className="card-body">
          <ErrorNote error={error} />
        </div>
      )}
      {data === undefined && error === null && (
        <div className="card-body">
          <Skeleton height={60} />
        </div>
      )}
      {data?.items.length === 0 && <p className={classes.none}>Nothing is silenced.</p>}
      {data !== undefined && data.items.length > 0 && (
        <table className="table">
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col">Reason</th>
              <th scope="col">From</th>
              <th scope="col">Until</th>
              <th scope="col">By</th>
              <th scope="col">
                <span className="skip-heading">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {data.items.map((silence) => (
              <tr key={silence.id}>
                <td data-label="What" className={classes.name}>
                  {matchWords(silence.match)}
                </td>
                <td data-label="Reason">{silence.reason}</td>
                <td data-label="From">
                  <ExactTime at={silence.from} />
                </td>
                <td data-label="Until">
                  <Ago at={silence.until} />
                </td>
                <td data-label="By">{silence.createdBy}</td>
                <td>
                  <div className={classes.actions}>
                    <Button
                      size="xs"
                      variant="default"
                      loading={end.isPending && end.variables === silence.id}
                      onClick={() => end.mutate(silence.id, { onError: notifyError })}
                    >
                      End
                    </Button>
                  </div>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}
