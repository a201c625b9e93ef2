/* Types of candor.js and candor-core.js. */

export interface CandorState {
  /** The browser asks for privacy (GPC), by header or property. */
  gpc: boolean;
  /** Version of the configuration that is shown. */
  version: string | undefined;
  /** Who it is about, once anybody. */
  subject: string | null | undefined;
  allOff: boolean;
  /** What is being saved at this moment. */
  wish: Record<string, boolean>;
  /** Purpose by purpose: may it be done now? */
  choices: Record<string, boolean>;
  states: Record<string, { on: boolean; why: "choice" | "signal" | "all-off" | "default" | "expired" | "renewal"; pending?: boolean; ask_after?: string | null }>;
}

export interface CandorReceipt { id: string; kind: string; issued_at: string; supersedes: string[]; jws: string; }
export interface CandorSaved { receipt?: CandorReceipt | null; pending?: boolean; same?: boolean; }
export interface CandorNotice { id: string; version: number; lang?: string; }

export interface CandorClient {
  readonly api: string;
  /** Events: ready, state, change, saved, error. */
  readonly bus: EventTarget;
  readonly ready: Promise<CandorState>;
  readonly config: unknown;
  state(): CandorState;
  /** False for anything unknown, refused, expired or not yet read. */
  allowed(purpose: string): boolean;
  /** "*" is everything. An explicit purpose takes two calls to allow, one to refuse. Rejects if it was not recorded. */
  set(purpose: string, on: boolean): Promise<CandorSaved>;
  refresh(surface?: "panel" | "notice" | "chat" | "label" | "gate" | "page" | "app"): Promise<CandorState>;
  setSubject(token: string | null): Promise<CandorState>;
  receipt(): CandorReceipt | undefined;
  known(): boolean;
  /** The site's back-end vouches for this customer. */
  vouched(): boolean;
  shown(notice: CandorNotice, more?: Record<string, unknown>): Promise<unknown>;
}

export function client(options: { site: string; lang?: string; api?: string; token?: string }): CandorClient;
export const home: string;
export const VERSION: string;

export interface CandorWidgetElement extends HTMLElement {
  readonly ready: Promise<void>;
  readonly state: CandorState;
  readonly client: CandorClient;
  allowed(purpose: string): boolean;
  set(purpose: string, on: boolean): Promise<CandorSaved | undefined>;
  open(section?: "choices" | "uses" | "person" | string): void;
  close(): void;
  refresh(): Promise<CandorState>;
  setSubject(token: string | null): Promise<CandorState>;
  receipt(): CandorReceipt | undefined;
}

/** How the conversation with a person stands. While `ai_may_speak` is false, the page's own AI is silent. */
export interface CandorTalk {
  id: string;
  state: "requested" | "queued" | "offered" | "active" | "deferred" | "resolved" | "cancelled";
  handler: "ai" | "waiting" | "human";
  reference: string;
  name: string | null;
  position: number | null;
  minutes: number | null;
  ai_may_speak: boolean;
}

export interface CandorHumanElement extends HTMLElement {
  readonly ready: Promise<void>;
  /** Ask for a person, as the button does. */
  ask(): Promise<void>;
  /** Show the conversation that was opened elsewhere: by words in a chat, in another tab. */
  resume(): Promise<void>;
}

declare global {
  interface HTMLElementTagNameMap {
    "candor-widget": CandorWidgetElement;
    "candor-label": HTMLElement;
    "candor-chat-notice": HTMLElement;
    "candor-why": HTMLElement;
    "candor-human": CandorHumanElement;
  }
  interface HTMLElementEventMap {
    "candor-ready": CustomEvent<CandorState>;
    "candor-shown": CustomEvent<{ disclosure: string | null; version: number | string; surface: string }>;
    "candor-open": CustomEvent<{ section?: string }>;
    "candor-close": CustomEvent<Record<string, never>>;
    "candor-change": CustomEvent<{ choices: Record<string, boolean>; before: Record<string, boolean>; source: "user" | "api" }>;
    "candor-saved": CustomEvent<CandorSaved>;
    "candor-explain": CustomEvent<{ decision: string }>;
    "candor-explain-update": CustomEvent<{ decision: string; status: string; number?: string; due?: string | null }>;
    "candor-human": CustomEvent<{ topic?: string; conversation?: string }>;
    "candor-human-update": CustomEvent<CandorTalk>;
    "candor-error": CustomEvent<{ error: Error }>;
  }
  interface Window {
    candor: { push(...acts: unknown[][]): void } | unknown[][];
  }
}
