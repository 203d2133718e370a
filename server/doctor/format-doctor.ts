import type { DoctorReport } from './report.ts';

const DETAIL_LENGTH = 120;

/** The report as a table, with what to do about what is missing below it. */
export function formatDoctor({ ok, checks }: DoctorReport): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const rows = checks.map(({ name, status, needed, detail }) => {
    const mark = status === 'ok' ? 'ok     ' : needed ? 'MISSING' : 'absent ';
    return `${mark}  ${name.padEnd(width)}  ${shorten(detail)}`;
  });
  const namesOf = new Map<string, string[]>();
  for (const { name, advice: how } of checks)
    if (how !== undefined) namesOf.set(how, [...(namesOf.get(how) ?? []), name]);
  const advice = Array.from(namesOf, ([how, names]) => `  ${names.join(', ')}: ${how}`);
  return [
    ...rows,
    ...(advice.length === 0 ? [] : ['', 'How to get it:', ...advice]),
    '',
    ok ? 'Everything that is needed is here.' : 'Something that is needed is missing.',
  ].join('\n');
}

function shorten(detail: string): string {
  return detail.length <= DETAIL_LENGTH ? detail : `${detail.slice(0, DETAIL_LENGTH - 3)}...`;
}
