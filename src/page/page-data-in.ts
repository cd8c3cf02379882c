/** Returns what the page is drawn from, and where. */
export function dataAndPlace<T>(): [data: T, place: HTMLElement] {
  const element = (id: string) => document.getElementById(id)!;
  return [JSON.parse(element('data').textContent) as T, element('page')];
}
