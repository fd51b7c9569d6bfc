/** Workspaces: who belongs to them, who is asked in, how much there may be, what happened. */
import { z } from 'zod';
import { route } from './contract.ts';

/** owner: everything. editor: reads and changes. viewer: reads. */
export const ROLES = ['owner', 'editor', 'viewer'] as const;
const role = z.enum(ROLES);
export type Role = z.output<typeof role>;

const id = z.object({ id: z.uuid() });
const name = z.string().trim().min(1).max(120);
const page = z.object({ limit: z.coerce.number().int().min(1).max(100).default(50), cursor: z.uuid().optional() });
const next_cursor = z.uuid().nullable();

/** How much of each a workspace may have. */
const quotas = z.object({ members: z.number().int(), presets: z.number().int(), webhooks: z.number().int(), jobs_per_day: z.number().int() });
export type WorkspaceQuotas = z.output<typeof quotas>;
export const DEFAULT_QUOTAS: WorkspaceQuotas = { members: 50, presets: 5000, webhooks: 10, jobs_per_day: 2000 };

const workspace = z.object({
  id: z.uuid(), name: z.string(),
  /** Somebody's own, made with the account and gone with it. */
  personal: z.boolean(),
  /** Of who asks. */
  role,
  created_at: z.iso.datetime(),
});

export const listWorkspaces = route('get', '/workspaces', {
  summary: 'Where one belongs.', query: page, answer: z.object({ workspaces: z.array(workspace), next_cursor }),
});

export const createWorkspace = route('post', '/workspaces', {
  summary: 'Make one, and own it.', status: 201, body: z.object({ name }), answer: workspace, errors: ['workspace/full'],
});

export const getWorkspace = route('get', '/workspaces/{id}', {
  summary: 'One workspace, with what it may have and what it has.',
  params: id, answer: workspace.extend({ quotas, used: quotas.pick({ members: true, presets: true, webhooks: true }) }), errors: ['server/not-found'],
});

export const renameWorkspace = route('patch', '/workspaces/{id}', { summary: 'Rename it (owners).', params: id, body: z.object({ name }), answer: workspace, errors: ['server/not-found', 'account/not-allowed'] });

export const deleteWorkspace = route('delete', '/workspaces/{id}', {
  summary: 'Delete it with all that it has (owners). There is no way back. A personal one goes with its account only.',
  params: id, errors: ['workspace/personal', 'server/not-found', 'account/not-allowed'],
});

const member = z.object({ user_id: z.uuid(), email: z.string(), role, created_at: z.iso.datetime() });
const place = id.extend({ user_id: z.uuid() });

export const listMembers = route('get', '/workspaces/{id}/members', { summary: 'Who belongs to it.', params: id, query: page, answer: z.object({ members: z.array(member), next_cursor }), errors: ['server/not-found'] });

export const changeMember = route('patch', '/workspaces/{id}/members/{user_id}', {
  summary: 'Give a member another role (owners). One owner at least remains.', params: place, body: z.object({ role }), answer: member,
  errors: ['workspace/last-owner', 'workspace/personal', 'server/not-found', 'account/not-allowed'],
});

export const removeMember = route('delete', '/workspaces/{id}/members/{user_id}', {
  summary: 'Take a member out (owners), or leave.', params: place, errors: ['workspace/last-owner', 'workspace/personal', 'server/not-found', 'account/not-allowed'],
});

export const leaveWorkspace = route('post', '/workspaces/{id}/leave', { summary: 'Leave it.', params: id, errors: ['workspace/last-owner', 'workspace/personal', 'server/not-found'] });

export const transferWorkspace = route('post', '/workspaces/{id}/transfer', {
  summary: 'Make another member its owner and oneself an editor.', params: id, body: z.object({ user_id: z.uuid() }), answer: workspace,
  errors: ['workspace/personal', 'server/not-found', 'account/not-allowed'],
});

const invitation = z.object({ id: z.uuid(), email: z.string(), role, created_at: z.iso.datetime(), expires_at: z.iso.datetime() });

export const invite = route('post', '/workspaces/{id}/invitations', {
  summary: 'Ask somebody in by the address of their account (owners). It waits until they sign in; whether there is such an account is not told.',
  status: 201, params: id, body: z.object({ email: z.string().trim().max(254).pipe(z.email()), role }), answer: invitation,
  errors: ['workspace/full', 'account/too-many-tries', 'server/not-found', 'account/not-allowed'],
});

export const listInvitations = route('get', '/workspaces/{id}/invitations', {
  summary: 'Who is asked in and has not answered (owners).', params: id, query: page, answer: z.object({ invitations: z.array(invitation), next_cursor }), errors: ['server/not-found', 'account/not-allowed'],
});

export const revokeInvitation = route('delete', '/workspaces/{id}/invitations/{invitation_id}', {
  summary: 'Take it back (owners).', params: id.extend({ invitation_id: z.uuid() }), errors: ['server/not-found', 'account/not-allowed'],
});

export const myInvitations = route('get', '/invitations', {
  summary: 'Where one is asked in.', query: page,
  answer: z.object({ invitations: z.array(z.object({ id: z.uuid(), workspace: z.string(), invited_by: z.string().nullable(), role, created_at: z.iso.datetime(), expires_at: z.iso.datetime() })), next_cursor }),
});

export const acceptInvitation = route('post', '/invitations/{id}/accept', { summary: 'Go in.', params: id, answer: workspace, errors: ['workspace/full', 'server/not-found'] });

export const declineInvitation = route('post', '/invitations/{id}/decline', { summary: 'Stay out.', params: id, errors: ['server/not-found'] });

export const listAudit = route('get', '/audit', {
  summary: 'What happened in a workspace (owners); in the personal one also to the account: sign-ins, sharing, deletion.',
  query: z.object({ workspace_id: z.uuid().optional(), limit: z.coerce.number().int().min(1).max(200).default(50), cursor: z.uuid().optional() }),
  answer: z.object({
    entries: z.array(z.object({ id: z.uuid(), at: z.iso.datetime(), user_id: z.uuid().nullable(), action: z.string(), detail: z.record(z.string(), z.unknown()) })),
    next_cursor,
  }),
  errors: ['server/not-found', 'account/not-allowed'],
});
