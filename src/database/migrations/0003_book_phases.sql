-- How long each phase of a book's days took: one row a phase, added up over its days.
create table spreadworks.book_phases (
  book text not null references spreadworks.books (book) on delete cascade,
  phase text not null check (phase in ('load', 'screen', 'train', 'session')),
  began_at timestamptz,
  seconds double precision not null default 0,
  primary key (book, phase)
);
