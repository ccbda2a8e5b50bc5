//! What `--device` names where several devices may compute: one, a list of them, all, or the one of a Slurm task.

use super::GpuError;
use super::adapter::{Choice, adapters, is_software, named, number};
use wgpu::AdapterInfo;

/// Number of a task among those of its job step on a node.
const TASK: &str = "SLURM_LOCALID";

/// What a user asked for with `--device`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// Every GPU, by one interface; software adapters only where there is nothing else.
    All,
    /// Of those the one with this number.
    Task(usize),
    /// One adapter, or several with commas between, each as [`Choice::parse`] takes it.
    Listed(String),
}

impl Selection {
    /// `all`, `slurm`, or what is listed.
    ///
    /// # Errors
    /// `slurm` where the environment has no number of a task.
    pub fn parse(text: &str) -> Result<Selection, GpuError> {
        Ok(match text {
            "all" => Selection::All,
            "slurm" => {
                let task = std::env::var(TASK).ok().and_then(|task| task.parse().ok());
                let told = || format!("`--device slurm` needs {TASK}, which srun sets to 0, 1, ... on each node");
                Selection::Task(task.ok_or_else(|| GpuError::Selection(told()))?)
            }
            text => Selection::Listed(text.to_string()),
        })
    }

    /// The numbers of those adapters.
    ///
    /// # Errors
    /// There is none, too few for the task, or one is named twice.
    pub fn numbers(&self, infos: &[AdapterInfo]) -> Result<Vec<usize>, GpuError> {
        let found = |infos: &[AdapterInfo]| infos.iter().map(named).collect();
        match self {
            Selection::All => match all(infos) {
                none if none.is_empty() => Err(GpuError::NoAdapter { found: found(infos) }),
                all => Ok(all),
            },
            Selection::Task(task) => {
                let all = Selection::All.numbers(infos)?;
                let devices = all.len();
                let names = || all.iter().map(|&n| named(&infos[n])).collect::<Vec<_>>().join(", ");
                all.get(*task).map(|&n| vec![n]).ok_or_else(|| {
                    GpuError::Selection(format!(
                        "{TASK} is {task}, and this task sees no device of that number, but {devices} ({}): start at most \
                         {devices} tasks on a node, or leave --device out where Slurm shows each task a GPU of its own",
                        names()
                    ))
                })
            }
            Selection::Listed(text) => {
                // Some names have a comma in them.
                if let Some(number) = number(&Choice::parse(text), infos) {
                    return Ok(vec![number]);
                }
                let mut numbers = Vec::new();
                for wanted in text.split(',').map(str::trim) {
                    let number = number(&Choice::parse(wanted), infos)
                        .ok_or_else(|| GpuError::NoSuchDevice { wanted: wanted.to_string(), found: found(infos) })?;
                    if numbers.contains(&number) {
                        let name = named(&infos[number]);
                        return Err(GpuError::Selection(format!(
                            "--device {text} names {name} twice; `snn-ensemble devices` lists numbers, which tell cards of one \
                             name apart"
                        )));
                    }
                    numbers.push(number);
                }
                Ok(numbers)
            }
        }
    }

    /// The adapter that `text` means where one alone can be used.
    ///
    /// # Errors
    /// As of [`Selection::parse`] and [`Selection::choices`], and several are meant.
    pub fn one(text: &str) -> Result<Choice, GpuError> {
        match &Selection::parse(text)?.choices()?[..] {
            [choice] => Ok(choice.clone()),
            several => Err(GpuError::Selection(format!(
                "--device {text} names {} adapters, one is used here: give its number in `snn-ensemble devices`",
                several.len()
            ))),
        }
    }

    /// The adapters of this machine that are meant.
    ///
    /// # Errors
    /// As of [`Selection::numbers`].
    pub fn choices(&self) -> Result<Vec<Choice>, GpuError> {
        let infos: Vec<AdapterInfo> = adapters().iter().map(wgpu::Adapter::get_info).collect();
        Ok(self.numbers(&infos)?.into_iter().map(Choice::Number).collect())
    }
}

/// A card that two interfaces show is there once: by the one that the best adapter has.
fn all(infos: &[AdapterInfo]) -> Vec<usize> {
    let only_software = infos.iter().all(is_software);
    let counts = |info: &AdapterInfo| only_software || !is_software(info);
    let interface = infos.iter().find(|info| counts(info)).map(|info| info.backend);
    (0..infos.len()).filter(|&n| counts(&infos[n]) && Some(infos[n].backend) == interface).collect()
}
