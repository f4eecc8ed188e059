import type { Job, JobVersion } from '@cronclave/openapi'
import { Button, Modal } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { client, sender } from '../api/client.ts'
import { useVersionPages } from '../api/pages.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { Ago } from '../ui/time.tsx'
import { changeWords, type ChangeWords } from './version-words.ts'
import classes from './versions-card.module.css'

const PAGE = 10

/** The definitions that a job has had, with what each changed; an old one can be put back. */
export function VersionsCard({ namespace, job }: { namespace: string; job: Job }) {
  const versions = useVersionPages(namespace, job.name, { limit: PAGE })
  const [restoring, setRestoring] = useState<JobVersion | undefined>(undefined)
  const items = versions.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <section className="card" aria-labelledby="versions-title">
      <div className="card-head">
        <h2 id="versions-title">History of the definition</h2>
      </div>
      {versions.error !== null && (
        <div className="card-body">
          <ErrorNote error={versions.error} />
        </div>
      )}
      <ol className={classes.list}>
        {items.map((version, i) => (
          <li key={version.version}>
            <div className={classes.line}>
              <strong className="num">Version {version.version}</strong>
              <span className="dim">
                by {version.by}
                {version.revision !== undefined && `, revision ${version.revision}`} <Ago at={version.at} />
              </span>
              {i > 0 && (
                <Button size="compact-xs" variant="default" onClick={() => setRestoring(version)}>
                  Put back
                </Button>
              )}
            </div>
            <Changes version={version} />
          </li>
        ))}
      </ol>
      {versions.hasNextPage && (
        <div className={classes.more}>
          <Button
            size="xs"
            variant="default"
            loading={versions.isFetchingNextPage}
            onClick={() => void versions.fetchNextPage()}
          >
            Show more
          </Button>
        </div>
      )}
      <Restore namespace={namespace} job={job} version={restoring} onClose={() => setRestoring(undefined)} />
    </section>
  )
}

function Changes({ version: { changes } }: { version: JobVersion }) {
  if (changes.length === 0) return <p className="dim">The first that is kept.</p>
  return (
    <ul className={classes.changes}>
      {changes.map((change) => (
        <li key={change.pointer}>
          <Change {...changeWords(change)} />
        </li>
      ))}
    </ul>
  )
}

function Change({ place, from, to }: ChangeWords) {
  return (
    <>
      <code>{place}</code>{' '}
      {from !== undefined && (
        <del className={classes.old}>
          <span className={classes.hidden}>was </span>
          {from}
        </del>
      )}{' '}
      {to !== undefined && (
        <ins className={classes.new}>
          <span className={classes.hidden}>is </span>
          {to}
        </ins>
      )}
    </>
  )
}

interface RestoreProps {
  namespace: string
  job: Job
  version: JobVersion | undefined
  onClose(): void
}

/** Makes an old definition the present one, unless somebody has changed the job meanwhile. */
function Restore({ namespace, job, version, onClose }: RestoreProps) {
  const queries = useQueryClient()
  const [error, setError] = useState<unknown>(undefined)
  const [busy, setBusy] = useState(false)
  const restore = async () => {
    if (version === undefined) return
    setBusy(true)
    setError(undefined)
    const path = { namespace, job: job.name }
    try {
      const old = await client.GET('/v1/namespaces/{namespace}/jobs/{job}/versions/{version}', {
        params: { path: { ...path, version: version.version } },
      })
      const target = old.data?.definition?.target
      if (target === undefined) throw old.error
      const header = { 'If-Match': `"${job.version}"` }
      const put = await sender.PUT('/v1/namespaces/{namespace}/jobs/{job}', {
        params: { path, header },
        body: { ...old.data?.definition, target },
      })
      if (put.error !== undefined) throw put.error
      await queries.invalidateQueries({ queryKey: ['get', '/v1/namespaces/{namespace}/jobs/{job}'] })
      onClose()
    } catch (failure) {
      setError(failure)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Modal
      opened={version !== undefined}
      onClose={onClose}
      title={`Put version ${version?.version} back?`}
      lockScroll={false}
      centered
    >
      <div className={classes.body}>
        <p>It becomes the present definition as a new version. Runs that are open go on under theirs.</p>
        {error !== undefined && <ErrorNote error={error} />}
        <div className={classes.buttons}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button loading={busy} onClick={() => void restore()}>
            Put back
          </Button>
        </div>
      </div>
    </Modal>
  )
}
