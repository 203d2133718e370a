import { CaptionPanel } from './caption-panel.ts';
import { byId } from './dom.ts';
import { Live, TEXT, VIDEO } from './live.ts';
import { serverAddress } from './server-address.ts';
import { serverAnswers } from './server-answers.ts';
import { openCamera } from './sources/camera.ts';
import { clipFromFiles, openClip } from './sources/clip.ts';
import { SourceError } from './sources/source.ts';
import { Stage } from './stage.ts';
import { Announcer } from './view/announcer.ts';
import { ConnectionLine } from './view/connection.ts';
import { Details } from './view/details.ts';
import { Emotions } from './view/emotions.ts';
import { Gauge } from './view/gauge.ts';
import { Notice } from './view/notice.ts';
import { ProvenanceList } from './view/provenance.ts';
import { Timeline } from './view/timeline.ts';
import { troubleText } from './view/trouble-text.ts';
import { ClientError } from '../../sdk/index.ts';
import type { Closed, Result, ServerError, Session, UndertoneClient, Warning } from '../../sdk/index.ts';
import type { Reloaded, Unloaded } from './reload.ts';
import type { ServerChoice } from './server-address.ts';
import type { Source, SourceKind } from './sources/source.ts';

/** A reading is of the present for so long; several come in a second, and of a server with too much to do late. */
const PRESENT_MS = 5000;

/** Tries in a row without any connection after which it is worth to ask why. */
const TRIES = 3;
/** Nobody said why a connection ended, or none opened. */
const ABNORMAL_CLOSURE = 1006;

const NO_STREAM =
  'The server answers, but opens no stream for this page. A proxy in between has to pass on the headers Upgrade, ' +
  'Connection and Host; or there are too many streams from your address.';

/** The page: one source at a time, one session per run of it, and the views that follow. */
export class App {
  readonly #server: ServerChoice;
  readonly #stage: Stage;
  readonly #captions: CaptionPanel;
  readonly #timeline: Timeline;
  readonly #gauge = new Gauge();
  readonly #emotions = new Emotions();
  readonly #provenance = new ProvenanceList();
  readonly #connection = new ConnectionLine();
  readonly #details = new Details();
  readonly #notice = new Notice();
  readonly #announcer = new Announcer(byId('announcer', HTMLElement));
  /** Streams that are switched off; they stay so from one run to the next. */
  readonly #off = new Set<string>();
  #live: Live | undefined;
  /** The session to go on with once its source is open again. */
  #reloaded: Reloaded | undefined;
  #starts = 0;
  /** The notice says why there was no connection yet. */
  #explained = false;
  #present: ReturnType<typeof setTimeout> | undefined;
  /** There is a run, and no reading of it yet, or none since its connection came back. */
  #waiting = false;

  constructor(server: ServerChoice) {
    this.#server = server;
    this.#stage = new Stage({
      start: (kind, files) => void this.start(kind, files),
      stop: () => this.stop(),
      nextCamera: () => void this.#nextCamera(),
    });
    this.#captions = new CaptionPanel({
      nowMs: () => this.#live?.nowMs() ?? 0,
      say: (words) => this.#live?.say(words),
    });
    this.#timeline = new Timeline((modality, on) => this.#switch(modality, on));
    this.#timeline.setModalities([VIDEO, TEXT]);
  }

  /** Goes on with the session that ran when the page was loaded again. */
  resume(reloaded: Reloaded): Promise<void> {
    for (const modality of reloaded.off) this.#switch(modality, false);
    return this.start(reloaded.source, undefined, reloaded);
  }

  /** What runs, or is about to go on, for a reload to go on with. */
  running(): Unloaded | undefined {
    const live = this.#live;
    if (this.#reloaded) {
      const { originMs, ...reloaded } = this.#reloaded;
      return { ...reloaded, off: [...this.#off], mediaMs: Math.round(performance.now() - originMs) };
    }
    const resume = live?.client.session?.resumeToken;
    if (!live || resume === undefined) return undefined;
    const { kind: source } = live.source;
    if (source === 'file') return undefined;
    const { points } = this.#timeline.history;
    const lastSeq = Math.max(-1, ...points.map(({ seq }) => seq));
    return { source, resume, lastSeq, mediaMs: live.nowMs(), off: [...this.#off], points };
  }

  /** Opens a source and predicts from it; what ran before ends. What goes wrong is told on the page. */
  async start(kind: SourceKind, files?: Iterable<File>, reloaded?: Reloaded): Promise<void> {
    let clip = this.#stage.sample;
    try {
      if (kind === 'file') clip = clipFromFiles(files ?? []);
    } catch (error) {
      // Files among which is nothing to play end no run.
      const text = sourceProblem(error);
      return this.#live ? this.#notice.show(text) : this.#notice.showUntilHidden(text);
    }
    this.stop();
    const start = ++this.#starts;
    this.#reloaded = reloaded;
    this.#explained = false;
    this.#notice.hide();
    this.#stage.starting(kind);
    let source: Source | undefined;
    try {
      source = await (kind === 'camera' ? openCamera(this.#stage.video) : openClip(this.#stage.video, clip));
      if (start !== this.#starts) return source.close();
      this.#run(source, reloaded);
    } catch (error) {
      source?.close();
      if (start !== this.#starts) return;
      this.#reloaded = undefined;
      this.#stage.stopped();
      this.#notice.showUntilHidden(sourceProblem(error));
    }
  }

  /** Idempotent. Where the run ended on its own, what is being typed stays. */
  stop(onItsOwn = false): void {
    this.#starts++;
    this.#reloaded = undefined;
    const live = this.#live;
    if (!live) return;
    this.#live = undefined;
    live.stop();
    const endMs = live.nowMs();
    this.#timeline.follow(() => endMs);
    this.#captions.stop(onItsOwn);
    this.#announcer.stop();
    this.#stage.stopped();
    this.#rest('Stopped', 'Play again, or choose another source.');
  }

  /** Nothing is read at the moment, so the views claim nothing. */
  #rest(label: string, hint: string): void {
    this.#gauge.rest(label, hint);
    this.#clear();
  }

  /** The server gives no reading before something has come to read. */
  #wait(): void {
    const names = this.#live?.client.session?.bundle.modalities.map(({ name }) => name) ?? [VIDEO, TEXT];
    this.#gauge.wait(names.every((name) => this.#off.has(name)));
    this.#clear();
    this.#waiting = true;
  }

  #clear(): void {
    clearTimeout(this.#present);
    this.#present = undefined;
    this.#waiting = false;
    this.#emotions.show(null);
    this.#provenance.rest();
    this.#timeline.rest();
    this.#details.rest();
  }

  #run(source: Source, reloaded?: Reloaded): void {
    const live = new Live(
      { ...serverAddress(this.#server), ...(reloaded && { resume: reloaded.resume, lastSeq: reloaded.lastSeq }) },
      { source, video: this.#stage.video, originMs: reloaded?.originMs },
      (words) => this.#captions.show(words),
    );
    this.#live = live;
    this.#reloaded = undefined;
    this.#timeline.history.restart(reloaded?.points);
    this.#timeline.follow(() => live.nowMs());
    this.#wait();
    this.#captions.start();
    this.#stage.running(source);
    if (source.notice !== undefined) this.#notice.show(source.notice);
    for (const modality of this.#off) this.#switch(modality, false);
    source.onEnd((text) => {
      if (this.#live !== live) return;
      this.#notice.showUntilHidden(text);
      this.stop(true);
    });
    this.#follow(live);
  }

  /** In the same session: who looks at another camera goes on with the same conversation. */
  async #nextCamera(): Promise<void> {
    const live = this.#live;
    try {
      await live?.source.next?.();
    } catch (error) {
      if (live && this.#live === live && error instanceof SourceError) this.#notice.show(error.message);
    }
    if (live && this.#live === live) this.#stage.mirror(live.source.mirrored);
  }

  #follow(live: Live): void {
    const { client } = live;
    const { history } = this.#timeline;
    this.#connection.show(client.connection, undefined);
    /** A run that ended says goodbye for a while: until the next one begins for the line at the top, else for nothing. */
    const on: UndertoneClient['on'] = (name, listener) =>
      client.on(name, (event) => {
        if (this.#live === live) listener(event);
      });
    client.on('connection', (status) => {
      if (this.#live === live || !this.#live) this.#connection.show(status, client.session);
    });
    on('connection', (status) => {
      if (status.state === 'open') {
        this.#announcer.connection(true);
        this.#wait();
      }
      if (status.state !== 'reconnecting') return;
      const isUnexplained = status.last?.code === ABNORMAL_CLOSURE && client.session === undefined;
      if (status.attempt === TRIES && isUnexplained) void this.#explain(live);
      this.#announcer.connection(false);
      this.#rest('No connection', 'Trying to reach the server again.');
    });
    on('session', (session) => this.#onSession(session));
    on('result', (result) => this.#onResult(result, live.nowMs() - result.ptsMs));
    on('revised', (revision) => history.revise(revision));
    on('reunion', (reunion) => {
      history.reunite(reunion);
      this.#announcer.reunion(reunion);
    });
    on('metrics', (metrics) => this.#details.metrics(metrics, client.frames));
    on('warning', (warning) => this.#onTrouble(warning));
    on('error', (error) => this.#onTrouble(error));
    client.on('closed', (closed) => this.#onClosed(live, closed));
  }

  /** A browser does not tell a page why it gets no WebSocket. */
  async #explain(live: Live): Promise<void> {
    const answers = await serverAnswers();
    if (!answers || this.#live !== live || live.client.session !== undefined) return;
    this.#explained = true;
    this.#notice.showUntilHidden(NO_STREAM);
  }

  #onSession(session: Session): void {
    if (this.#explained) this.#notice.hide();
    this.#explained = false;
    const names = session.bundle.modalities.map(({ name }) => name);
    this.#timeline.setModalities(names);
    this.#captions.setRead(this.#live?.readsCaptions ?? true);
    for (const modality of this.#off) this.#timeline.setOn(modality, false);
    // What the page before a reload had paused may have been switched on since, while the source opened.
    if (session.resumed) for (const name of names) this.#live?.setStream(name, !this.#off.has(name));
    this.#timeline.history.follow(session);
    this.#details.session(session);
    if (this.#live) this.#connection.show(this.#live.client.connection, session);
  }

  #onResult(result: Result, behindMs: number): void {
    this.#timeline.history.add(result);
    this.#details.behind(behindMs);
    document.documentElement.dataset['results'] = String(result.seq + 1);
    if (behindMs > PRESENT_MS) {
      // Drawn where it belongs, and no more: it says nothing about now.
      if (this.#waiting) this.#present ??= this.#untilSilence();
      return;
    }
    clearTimeout(this.#present);
    this.#present = this.#untilSilence();
    this.#waiting = false;
    this.#timeline.show(result.modalities);
    this.#details.result(result);
    const allOff = Object.keys(result.modalities).every((name) => this.#off.has(name));
    this.#gauge.show(result, allOff);
    this.#emotions.show(result.emotions);
    this.#provenance.show(result.modalities, this.#off);
    this.#announcer.result(result, this.#off);
  }

  #untilSilence(): ReturnType<typeof setTimeout> {
    return setTimeout(() => {
      this.#rest('No reading', 'The server has sent no fresh one for a while.');
      this.#announcer.silence();
    }, PRESENT_MS);
  }

  #onTrouble(trouble: Warning | ServerError): void {
    const text = troubleText(trouble);
    if (text !== undefined) this.#notice.show(text);
  }

  #onClosed(live: Live, closed: Closed): void {
    if (this.#live && this.#live !== live) return;
    const problem = this.#connection.closed(closed, this.#server.token !== undefined);
    if (!this.#live) return;
    if (problem !== undefined && !this.#explained) this.#notice.showUntilHidden(problem);
    this.stop(true);
  }

  #switch(modality: string, on: boolean): void {
    if (on) this.#off.delete(modality);
    else this.#off.add(modality);
    this.#timeline.setOn(modality, on);
    this.#live?.setStream(modality, on);
    if (modality === VIDEO) this.#stage.setVideoOn(on);
    if (modality === TEXT) this.#captions.setOn(on);
    if (this.#waiting) this.#wait();
  }
}

function sourceProblem(error: unknown): string {
  return error instanceof SourceError || error instanceof ClientError ? error.message : 'The source cannot be opened.';
}
