/**
 * The instrumentations: how each is switched on, and what it hides. `start` gets the server's address and returns
 * what can be asked under it; `hides` has what it hides (`right.js`), by the name of what is asked, or of
 * all that it begins. The longest name counts. `within` asks inside a span of its own.
 */
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { ModelCallInstrumentation } from '../../dist/doors/processor.js';
import { anthropicAsks, googleAsks, openaiAsks } from './asks.js';
import {
  anthropicOf,
  askAgents,
  askAi,
  askLangChain,
  googleOf,
  openaiOf,
  required,
} from './clients.js';

const telemetry = { experimental_telemetry: { isEnabled: true, functionId: 'guide' } };

async function startOpenLLMetryOpenai() {
  const { OpenAIInstrumentation } = await import('@traceloop/instrumentation-openai');
  const { default: OpenAI } = await import('openai');
  new OpenAIInstrumentation().manuallyInstrument(OpenAI);
}

async function startOpenLLMetryAnthropic() {
  const { AnthropicInstrumentation } = await import('@traceloop/instrumentation-anthropic');
  const instrumentation = new AnthropicInstrumentation();
  instrumentation.disable();
  instrumentation.manuallyInstrument({ ...(await import('@anthropic-ai/sdk')) });
}

async function startOpenLLMetryLangChain() {
  const { LangChainInstrumentation } = await import('@traceloop/instrumentation-langchain');
  const callbackManagerModule = await import('@langchain/core/callbacks/manager');
  new LangChainInstrumentation().manuallyInstrument({ callbackManagerModule });
}

async function startOpenInferenceOpenai() {
  const { OpenAIInstrumentation } = await import('@arizeai/openinference-instrumentation-openai');
  const { default: OpenAI } = await import('openai');
  new OpenAIInstrumentation().manuallyInstrument(OpenAI);
}

async function startOpenInferenceLangChain() {
  const { LangChainInstrumentation } =
    await import('@arizeai/openinference-instrumentation-langchain');
  new LangChainInstrumentation().manuallyInstrument(
    await import('@langchain/core/callbacks/manager'),
  );
}

export const INSTRUMENTATIONS = {
  "OpenTelemetry's openai": {
    start: async (url) => {
      const { OpenAIInstrumentation } = await import('@opentelemetry/instrumentation-openai');
      new OpenAIInstrumentation().setMeterProvider(new MeterProvider());
      return openaiAsks(await openaiOf(url, required));
    },
    hides: { openai: 'cached' },
  },
  'OpenLLMetry openai': {
    start: async (url) => {
      await startOpenLLMetryOpenai();
      return openaiAsks(await openaiOf(url));
    },
    hides: {
      openai: 'cached',
      'openai chat, streamed': 'tokens',
      'openai chat, refused': 'call',
      'openai responses, streamed': 'tokens',
      'openai embeddings': 'call',
    },
  },
  'OpenLLMetry anthropic': {
    start: async (url) => {
      await startOpenLLMetryAnthropic();
      return anthropicAsks(await anthropicOf(url));
    },
    hides: { anthropic: 'hour' },
  },
  'OpenLLMetry langchain': {
    start: async (url) => {
      await startOpenLLMetryLangChain();
      return askLangChain(url);
    },
    hides: { 'langchain openai': 'cached', 'langchain anthropic': 'cached input' },
  },
  'OpenLLMetry langchain and openai': {
    start: async (url) => {
      await startOpenLLMetryLangChain();
      await startOpenLLMetryOpenai();
      return askLangChain(url);
    },
    hides: { 'langchain openai': 'cached', 'langchain anthropic': 'cached input' },
  },
  "OpenLLMetry anthropic and hotspan's own": {
    start: async (url) => {
      new ModelCallInstrumentation();
      await startOpenLLMetryAnthropic();
      return anthropicAsks(await anthropicOf(url));
    },
    // The outer span hides for how long was cached; the one inside it tells that.
    hides: {},
  },
  'OpenInference openai': {
    start: async (url) => {
      await startOpenInferenceOpenai();
      return openaiAsks(await openaiOf(url));
    },
    hides: {
      'openai chat, streamed': 'tokens',
      'openai chat, refused': 'call',
      'openai embeddings': 'tokens',
    },
  },
  'OpenInference anthropic': {
    start: async (url) => {
      const { AnthropicInstrumentation } =
        await import('@arizeai/openinference-instrumentation-anthropic');
      const { default: Anthropic } = await import('@anthropic-ai/sdk');
      new AnthropicInstrumentation().manuallyInstrument(Anthropic);
      return anthropicAsks(await anthropicOf(url));
    },
    hides: { anthropic: 'hour' },
  },
  'OpenInference langchain': {
    start: async (url) => {
      await startOpenInferenceLangChain();
      return askLangChain(url);
    },
    hides: { 'langchain anthropic': 'written' },
  },
  'OpenInference langchain and openai': {
    start: async (url) => {
      await startOpenInferenceLangChain();
      await startOpenInferenceOpenai();
      return askLangChain(url);
    },
    hides: { 'langchain anthropic': 'written' },
  },
  'OpenInference openai agents': {
    start: async (url) => {
      const { OpenAIAgentsInstrumentation } =
        await import('@arizeai/openinference-instrumentation-openai-agents');
      const agents = await import('@openai/agents');
      new OpenAIAgentsInstrumentation().manuallyInstrument(agents);
      return askAgents(url, agents);
    },
    hides: {},
  },
  'AI SDK 5': {
    start: (url) => askAi(url, '-5', telemetry),
    hides: {
      'ai openai': 'cached',
      'ai openai, streamed': 'nothing',
      'ai openai responses, streamed': 'nothing',
    },
  },
  'AI SDK 6': { start: (url) => askAi(url, '-6', telemetry), hides: {} },
  "AI SDK 6 and hotspan's own": {
    start: (url) => {
      new ModelCallInstrumentation();
      return askAi(url, '-6', telemetry);
    },
    hides: {},
  },
  'AI SDK 7': {
    start: async (url) => {
      const { OpenTelemetry } = await import('@ai-sdk/otel');
      const { registerTelemetry } = await import('ai');
      registerTelemetry(new OpenTelemetry());
      return askAi(url, '', { telemetry: { functionId: 'guide' } });
    },
    hides: { 'ai anthropic': 'hour' },
  },
  'Langfuse openai': {
    start: async (url) => {
      const { observeOpenAI } = await import('@langfuse/openai');
      return openaiAsks(observeOpenAI(await openaiOf(url)));
    },
    hides: { 'openai embeddings': 'tokens' },
  },
  'Langfuse langchain': {
    start: async (url) => {
      const { CallbackHandler } = await import('@langfuse/langchain');
      return askLangChain(url, { callbacks: [new CallbackHandler()] });
    },
    hides: { 'langchain anthropic': 'hour' },
  },
  LangSmith: {
    environment: {
      LANGSMITH_API_KEY: 'none',
      LANGSMITH_OTEL_ENABLED: 'true',
      LANGSMITH_TRACING: 'true',
    },
    start: async (url, { provider }) => {
      process.env.LANGSMITH_ENDPOINT = url;
      const { initializeOTEL } = await import('langsmith/experimental/otel/setup');
      initializeOTEL({ globalTracerProvider: provider });
      const { wrapOpenAI } = await import('langsmith/wrappers');
      const { wrapAnthropic } = await import('langsmith/wrappers/anthropic');
      return {
        ...openaiAsks(wrapOpenAI(await openaiOf(url))),
        ...anthropicAsks(wrapAnthropic(await anthropicOf(url))),
      };
    },
    // It ends its spans when it sends its batch: a span of another's would have ended before.
    within: async (ask) => {
      const { traceable } = await import('langsmith/traceable');
      return traceable(ask, { name: 'answer' })();
    },
    hides: {
      'openai chat, refused': 'failure',
      'openai embeddings': 'call',
      'anthropic messages, refused': 'failure',
    },
  },
  Sentry: {
    provides: async (url, spanProcessors) => {
      const Sentry = await import('@sentry/node');
      const transport = () => ({ send: async () => ({}), flush: async () => true });
      const dsn = `${url.replace('//', '//key@')}/1`;
      const openTelemetrySpanProcessors = spanProcessors;
      Sentry.init({ dsn, tracesSampleRate: 1, transport, openTelemetrySpanProcessors });
    },
    start: async (url) => ({
      ...openaiAsks(await openaiOf(url, required)),
      ...anthropicAsks(await anthropicOf(url, required)),
      ...googleAsks(await googleOf(url, required)),
      ...(await askAi(url, '-6', telemetry)),
    }),
    hides: { 'anthropic messages': 'hour' },
  },
  "Anthropic's own client": {
    start: async (url) => anthropicAsks(await anthropicOf(url, undefined, 'anthropic-1')),
    hides: {},
  },
};
