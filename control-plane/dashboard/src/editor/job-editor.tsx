import type { Job } from '@cronclave/openapi'
import { Button, SegmentedControl, Skeleton, Textarea } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { type FormEvent, useRef, useState } from 'react'
import { api, sender } from '../api/client.ts'
import { explain } from '../api/problem.ts'
import { CodeNote } from '../jobs/code-owner.tsx'
import { parseParams } from '../jobs/params.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { PageHead } from '../ui/page-head.tsx'
import classes from './editor.module.css'
import { EditorForm } from './editor-form.tsx'
import type { Draft } from './pointer.ts'
import { changed } from './sections.ts'
import { allReadable } from './use-validity.ts'

const FIRST: Draft = { target: { kind: 'handler' } }

/** Makes a job, or changes one that is there. */
export default function JobEditor({ namespace, name }: { namespace: string; name?: string }) {
  const { data: job, error } = api.useQuery(
    'get',
    '/v1/namespaces/{namespace}/jobs/{job}',
    { params: { path: { namespace, job: name ?? '' } } },
    // What is being written is not to change under the hands.
    { enabled: name !== undefined, staleTime: Number.POSITIVE_INFINITY },
  )
  if (name === undefined) return <Editor namespace={namespace} job={undefined} />
  if (job === undefined) return error === null ? <Skeleton height={320} /> : <ErrorNote error={error} />
  return <Editor key={name} namespace={namespace} job={job} />
}

function Editor({ namespace, job: given }: { namespace: string; job: Job | undefined }) {
  // The version that was read is the one that is changed, whatever events bring.
  const [job] = useState(given)
  const navigate = useNavigate()
  const queries = useQueryClient()
  const [draft, setDraft] = useState<Draft>(job?.definition ?? FIRST)
  const [text, setText] = useState<string | undefined>(undefined)
  const [error, setError] = useState<unknown>(undefined)
  const [busy, setBusy] = useState(false)
  const parsed = text === undefined ? undefined : parseParams(text)
  const faults = new Map(error === undefined ? [] : explain(error).faults.map((one) => [one.pointer, one.detail]))
  const change = (pointer: string, value: unknown) => setDraft((old) => changed(old, pointer, value))
  const form = useRef<HTMLFormElement>(null)
  const show = (mode: string) => {
    if (!allReadable(form.current)) return
    if (mode === 'json') return setText(JSON.stringify(draft, undefined, 2))
    if (parsed?.ok) setDraft(parsed.params)
    setText(undefined)
  }
  const save = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (!allReadable(event.currentTarget)) return
    setBusy(true)
    setError(undefined)
    const body = (parsed?.ok ? parsed.params : draft) as never
    try {
      const saved = job ? await replace(namespace, job, body) : await create(namespace, body)
      await queries.invalidateQueries({ queryKey: ['get', '/v1/namespaces/{namespace}/jobs/{job}'] })
      await queries.invalidateQueries({ queryKey: ['get', '/v1/namespaces/{namespace}/jobs'] })
      await navigate({ to: '/n/$ns/jobs/$job', params: { ns: namespace, job: saved.name } })
    } catch (failure) {
      setError(failure)
    } finally {
      setBusy(false)
    }
  }
  return (
    <form ref={form} className={classes.editor} onSubmit={(event) => void save(event)} noValidate>
      <PageHead
        trail={[
          <Link key="jobs" to="/n/$ns" params={{ ns: namespace }}>
            Jobs
          </Link>,
        ]}
        title={job ? `Change ${job.name}` : 'New job'}
        name={job ? `Change ${job.name}` : 'New job'}
        actions={
          <SegmentedControl
            size="xs"
            aria-label="Written as"
            value={text === undefined ? 'form' : 'json'}
            onChange={show}
            disabled={parsed?.ok === false}
            data={[
              { value: 'form', label: 'Form' },
              { value: 'json', label: 'JSON' },
            ]}
          />
        }
      />
      <CodeNote owner={job?.managedBy} />
      {text === undefined ? (
        <EditorForm namespace={namespace} isNew={job === undefined} draft={draft} faults={faults} onChange={change} />
      ) : (
        <Textarea
          label="Definition"
          classNames={{ input: classes.mono ?? '' }}
          rows={28}
          spellCheck={false}
          value={text}
          error={parsed?.ok === false ? parsed.fault : undefined}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      )}
      {error !== undefined && <ErrorNote error={error} />}
      <div className={classes.save}>
        {job && <span className="dim">Changes version {job.version}</span>}
        <Button
          variant="default"
          onClick={() =>
            void navigate(
              job
                ? { to: '/n/$ns/jobs/$job', params: { ns: namespace, job: job.name } }
                : { to: '/n/$ns', params: { ns: namespace } },
            )
          }
        >
          Cancel
        </Button>
        <Button type="submit" loading={busy} disabled={parsed?.ok === false}>
          {job ? 'Save' : 'Create'}
        </Button>
      </div>
    </form>
  )
}

async function create(namespace: string, body: never): Promise<{ name: string }> {
  const { data, error } = await sender.POST('/v1/namespaces/{namespace}/jobs', {
    params: { path: { namespace } },
    body,
  })
  if (data === undefined) throw error
  return data
}

async function replace(namespace: string, job: Job, body: never): Promise<{ name: string }> {
  const { data, error } = await sender.PUT('/v1/namespaces/{namespace}/jobs/{job}', {
    params: { path: { namespace, job: job.name }, header: { 'If-Match': `"${job.version}"` } },
    body,
  })
  if (data === undefined) throw error
  return data
}
