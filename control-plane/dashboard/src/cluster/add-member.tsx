import type { MemberAdded } from '@cronclave/openapi'
import { Button, Checkbox, Modal, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { api } from '../api/client.ts'
import { CopyBlock } from '../ui/copy-block.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { Ago } from '../ui/time.tsx'
import classes from './confirm-change.module.css'

/** Adds a member, and shows the token with which its node joins: here, and nowhere else. */
export function AddMember({ opened, onClose }: { opened: boolean; onClose(): void }) {
  const queries = useQueryClient()
  const [name, setName] = useState('')
  const [learner, setLearner] = useState(false)
  const add = api.useMutation('post', '/v1/cluster/members', {
    onSettled: () => queries.invalidateQueries({ queryKey: ['get', '/v1/cluster'] }),
  })
  const { reset } = add
  useEffect(() => {
    if (!opened) return
    setName('')
    setLearner(false)
    reset()
  }, [opened, reset])
  return (
    <Modal opened={opened} onClose={onClose} title="Add a member" lockScroll={false} centered size="lg">
      {add.data === undefined ? (
        <form
          className={classes.body}
          onSubmit={(event) => {
            event.preventDefault()
            add.mutate({ body: { name: name.trim(), learner } })
          }}
        >
          <TextInput
            label="Name"
            description="What the new member is called in the cluster"
            value={name}
            maxLength={63}
            spellCheck={false}
            autoCapitalize="off"
            onChange={(event) => setName(event.currentTarget.value)}
            data-autofocus
          />
          <Checkbox
            label="It does not vote until it is promoted by hand"
            checked={learner}
            onChange={(event) => setLearner(event.currentTarget.checked)}
          />
          {add.error !== null && <ErrorNote error={add.error} />}
          <div className={classes.buttons}>
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" disabled={name.trim() === ''} loading={add.isPending}>
              Add member
            </Button>
          </div>
        </form>
      ) : (
        <Token added={add.data} onClose={onClose} />
      )}
    </Modal>
  )
}

function Token({ added, onClose }: { added: MemberAdded; onClose(): void }) {
  return (
    <div className={classes.body}>
      <p>
        Start the new node with this token. It works once, ends <Ago at={added.expiresAt} />, and is not shown again.
      </p>
      <CopyBlock label={`Join token of ${added.member.name}`} text={added.token} />
      <CopyBlock
        label={`On the new machine, with the token in the file ${added.member.name}.join`}
        text={`cronclave server --join-file ${added.member.name}.join`}
      />
      <div className={classes.buttons}>
        <Button onClick={onClose}>Done</Button>
      </div>
    </div>
  )
}
